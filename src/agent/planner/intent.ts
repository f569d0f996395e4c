export type Slots = Record<string, string | string[]>

export type Intent = {
  tool: string
  /** Templates, each for a whole sentence. */
  say: string[]
  /** The tool's arguments from the slots; the slots themselves unless said. */
  input?: (slots: Slots) => Record<string, unknown>
}
