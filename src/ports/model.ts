/** What the agent asks of a model: one streamed response to a list of items, with tools it may call. */
export type ModelItem =
  | { type: 'user'; text: string; author: string }
  | { type: 'assistant'; text: string }
  | { type: 'call'; callId: string; name: string; arguments: string }
  | { type: 'result'; callId: string; output: string }

export type ModelTool = { name: string; description: string; parameters: Record<string, unknown> }

export type ModelRequest = {
  instructions: string
  items: ModelItem[]
  tools: ModelTool[]
  maxOutputTokens: number
  /** A stable opaque id of the person, for the provider's abuse monitoring; never a name or an address. */
  user: string
}

export type ModelResponse = {
  text: string
  calls: { callId: string; name: string; arguments: string }[]
  usage: { input: number; output: number }
}

export type Model = {
  name: string
  /**
   * False for one that reads the last words alone and writes no prose: it is given no history (so that none of it
   * taints the turn), and what its tools returned is the answer.
   */
  needsMemory: boolean
  /** Rejects with an `unavailable` TocsinError when the model cannot be reached or answers nonsense. */
  respond(request: ModelRequest, onText: (text: string) => void, signal: AbortSignal): Promise<ModelResponse>
}
