/** Milliseconds before the next try: 1, 2, 4 … 60 s, a fifth more or less, so that many do not come back at once. */
export const backoffMs = (attempts: number, random = Math.random()): number =>
  Math.min(60_000, 1_000 * 2 ** Math.max(0, attempts - 1)) * (0.8 + 0.4 * random)

/** Nobody waits longer for an answer (and Slack's response_url lives as long); a post is still news a day later. */
export const retriesEndAfterSeconds = (type: string): number =>
  type === 'answer' || type === 'form' ? 30 * 60 : 24 * 60 * 60

/** What fails inside Tocsin itself (rendering, a missing row) holds its lane up no longer than about five minutes. */
export const ownFaultAttempts = 10
