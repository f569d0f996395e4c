export type Limits = {
  /** Model responses in one turn. */
  steps: number
  /** Tool calls in one turn. */
  calls: number
  /** Milliseconds of real time. */
  wallMs: number
  /** Tokens in and out over the whole turn, as the model reports them. */
  tokens: number
  /** Tokens of one response. */
  outputTokens: number
  historyItems: number
  historyCharacters: number
  /** Characters of one tool result as the model reads it. */
  resultCharacters: number
  /** After the model failed, this long nobody waits for it. Milliseconds. */
  restMs: number
}

export const defaultLimits: Limits = {
  steps: 8,
  calls: 24,
  wallMs: 60_000,
  tokens: 120_000,
  outputTokens: 4_000,
  historyItems: 30,
  historyCharacters: 24_000,
  resultCharacters: 8_000,
  restMs: 15_000,
}
