/** The tables of schedules, escalations and notifications as Kysely sees them. */
import type { Generated, JSONColumnType } from 'kysely'
import type { DefaultNow, Json, Priority } from './schema.ts'

export type OnCallTables = {
  schedules: {
    org_id: string
    id: string
    name: string
    team_id: string | null
    time_zone: string
    from_file: Generated<boolean>
    created_at: DefaultNow
  }
  rotations: {
    org_id: string
    schedule_id: string
    position: number
    starts_on: string
    rotation: string
    handoff: string
    hours: string | null
    people: string[]
  }
  overrides: {
    org_id: string
    id: string
    schedule_id: string
    person_id: string
    starts_at: Date
    ends_at: Date
    from_file: Generated<boolean>
    created_by: string | null
    created_at: DefaultNow
  }
  calendar_tokens: {
    org_id: string
    token_hash: Buffer
    person_id: string
    schedule_id: string | null
    created_at: DefaultNow
  }
  schedule_notices: {
    org_id: string
    schedule_id: string
    kind: 'shift' | 'gap'
    starts_at: Date
    person_id: string
    told_at: DefaultNow
  }
  policies: {
    org_id: string
    id: string
    name: string
    version: Generated<number>
    min_priority: Priority | null
    team_id: string | null
    category: string | null
    department: string | null
    service_id: string | null
    from_file: Generated<boolean>
    removed_at: Date | null
    created_at: DefaultNow
  }
  policy_versions: {
    org_id: string
    policy_id: string
    version: number
    steps: JSONColumnType<object[]>
    repeats: Generated<number>
    nobody: Json
    acknowledged_for: number | null
    created_at: DefaultNow
  }
  escalations: {
    org_id: string
    id: string
    incident_id: string
    policy_id: string | null
    policy_version: number | null
    state: Generated<'running' | 'snoozed' | 'acknowledged' | 'stopped' | 'exhausted'>
    round: Generated<number>
    step: Generated<number>
    due_at: Date
    remaining: number | null
    lease_until: DefaultNow
    lease_id: string | null
    late_told_at: Date | null
    started_at: DefaultNow
    ended_at: Date | null
  }
  pages: {
    org_id: string
    id: string
    incident_id: string | null
    escalation_id: string | null
    round: number | null
    step: number | null
    sender_id: string | null
    body: string | null
    created_at: DefaultNow
    closed_at: Date | null
    closed_by: string | null
    closed_as: 'acknowledged' | 'ended' | null
  }
  preferences: {
    org_id: string
    person_id: string
    high: Json
    low: Json
    quiet_hours: Json
  }
  webhooks: {
    org_id: string
    id: string
    name: string
    url: string
    secret: Buffer
    secret_digest: Buffer
    events: Generated<string[]>
    created_at: DefaultNow
  }
  incident_channels: {
    org_id: string
    incident_id: string
    workspace_id: string
    name: string
    channel: string | null
    state: Generated<'opening' | 'open' | 'missing'>
    reason: string | null
  }
}
