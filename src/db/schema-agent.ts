/** The tables of the agent's memory as Kysely sees them. */
import type { Generated, GeneratedAlways, JSONColumnType } from 'kysely'
import type { DefaultNow } from './schema.ts'

export type AgentTables = {
  conversations: {
    org_id: string
    id: string
    person_id: string | null
    workspace_id: string | null
    channel: string | null
    thread: string | null
    created_at: DefaultNow
  }
  conversation_items: {
    org_id: string
    id: string
    conversation_id: string
    sequence: GeneratedAlways<number>
    turn_id: string
    author_id: string | null
    private_to: string | null
    item: JSONColumnType<Record<string, unknown>>
    label: string[]
    tainted: Generated<boolean>
    created_at: DefaultNow
  }
  tool_calls: {
    org_id: string
    turn_id: string
    number: number
    operation: string
    arguments: JSONColumnType<Record<string, unknown>>
    outcome: 'done' | 'denied' | 'failed'
    result: JSONColumnType<Record<string, unknown>>
    created_at: DefaultNow
  }
  usage: {
    org_id: string
    day: string
    person_id: string
    model: string
    turns: Generated<number>
    input_tokens: Generated<number>
    output_tokens: Generated<number>
  }
}
