/** The tables as Kysely sees them. A test compares this file with the real database. */
import type { ColumnType, Generated, GeneratedAlways, JSONColumnType } from 'kysely'
import type { Rank } from '../core/permissions.ts'
import type { CarrierName } from '../ports/platform.ts'
import type { AgentTables } from './schema-agent.ts'
import type { OnCallTables } from './schema-on-call.ts'

export type Json = JSONColumnType<Record<string, unknown> | null, string | null, string | null>
/** Set by the database, and by tests that need a given instant. */
export type DefaultNow = ColumnType<Date, Date | undefined, Date>
type Numeric = ColumnType<string, string | number, string | number>

export type IncidentStatus = 'OPEN' | 'IN_PROGRESS' | 'RESOLVED' | 'CLOSED' | 'CANCELLED'
export type Priority = 'P1' | 'P2' | 'P3' | 'P4' | 'P5'

export type Database = CoreTables & OnCallTables & AgentTables

export type CoreTables = {
  clock: { one: Generated<boolean>; shift: Generated<string> }
  organizations: {
    org_id: string
    name: string
    currency: Generated<string>
    settings: ColumnType<Record<string, unknown>, string | undefined, string>
    last_incident: Generated<number>
    created_at: DefaultNow
  }
  workspaces: {
    org_id: string
    id: string
    platform: CarrierName
    external_id: string
    name: string
    credentials: Buffer | null
    created_at: DefaultNow
    lookups_until: DefaultNow
  }
  departments: { org_id: string; name: string; persona: string; permissions: string[] }
  people: {
    org_id: string
    id: string
    name: string
    email: string | null
    phone: string | null
    time_zone: string | null
    department: string | null
    rank: Generated<Rank>
    admin: Generated<boolean>
    active: Generated<boolean>
    deactivated_by: string | null
    file_fields: Generated<string[]>
    created_at: DefaultNow
  }
  identities: {
    org_id: string
    workspace_id: string
    external_id: string
    person_id: string | null
    name: string
    email: string | null
    kind: 'member' | 'guest' | 'bot' | 'foreign' | 'deactivated' | 'unknown'
    checked_at: DefaultNow
  }
  person_searches: {
    org_id: string
    workspace_id: string
    person_id: string
    sought: string
    lease_id: string
    lease_until: Date
    again_at: DefaultNow
  }
  link_codes: {
    org_id: string
    code_hash: Buffer
    person_id: string
    workspace_id: string
    external_id: string
    expires_at: Date
  }
  conversation_references: {
    org_id: string
    workspace_id: string
    conversation: string
    type: 'personal' | 'groupChat' | 'channel'
    service_url: string
    user_id: string | null
    team_id: string | null
    heard_at: DefaultNow
  }
  teams: { org_id: string; id: string; name: string; from_file: Generated<boolean> }
  team_members: { org_id: string; team_id: string; person_id: string }
  channels: {
    org_id: string
    platform: 'slack' | 'teams' | 'console'
    channel: string
    name: string | null
    team_id: string | null
    announces: Generated<boolean>
    clearance: Generated<string[]>
    shared_outside: Generated<boolean>
    from_file: Generated<boolean>
  }
  categories: { org_id: string; name: string; department: string }
  services: {
    org_id: string
    id: string
    name: string
    team_id: string | null
    critical: Generated<boolean>
    cost_per_minute: ColumnType<string | null, string | number | null | undefined, string | number | null>
    from_file: Generated<boolean>
    active: Generated<boolean>
  }
  customers: {
    org_id: string
    id: string
    name: string
    contact: string | null
    sla: Json
    from_file: Generated<boolean>
    active: Generated<boolean>
  }
  customer_services: { org_id: string; customer_id: string; service_id: string }
  incidents: {
    org_id: string
    id: string
    number: number
    key: GeneratedAlways<string>
    title: string
    description: string | null
    status: Generated<IncidentStatus>
    priority: Priority
    private: Generated<boolean>
    reporter_id: string | null
    assignee_id: string | null
    team_id: string | null
    department: string | null
    category: string | null
    business_impact: string | null
    customers_affected: number | null
    merged_into: string | null
    acknowledged_at: Date | null
    acknowledged_by: string | null
    resolved_at: Date | null
    closed_at: Date | null
    version: Generated<number>
    created_at: DefaultNow
    updated_at: DefaultNow
    reminded_at: Date | null
    search: GeneratedAlways<string>
  }
  incident_roles: {
    org_id: string
    incident_id: string
    role: 'commander' | 'communications' | 'scribe'
    person_id: string
  }
  incident_people: {
    org_id: string
    incident_id: string
    person_id: string
    relation: 'paged' | 'invited' | 'follower'
    at: DefaultNow
  }
  incident_services: { org_id: string; incident_id: string; service_id: string }
  incident_customers: { org_id: string; incident_id: string; customer_id: string }
  comments: {
    org_id: string
    id: string
    incident_id: string
    author_id: string | null
    visibility: 'public' | 'internal'
    body: string
    created_at: DefaultNow
  }
  spendings: {
    org_id: string
    id: string
    incident_id: string
    kind: 'direct' | 'penalty'
    amount: Numeric
    what: string
    recorded_by: string | null
    created_at: DefaultNow
  }
  audit: {
    org_id: string
    id: string
    at: DefaultNow
    recorded_at: DefaultNow
    transaction: Generated<string>
    actor_id: string | null
    actor: string
    surface: string
    operation: string
    outcome: Generated<'done' | 'denied' | 'failed'>
    incident_id: string | null
    version: number | null
    subject: string | null
    old: Json
    new: Json
    label: Generated<string[]>
    inbox_id: string | null
  }
  audit_seals: {
    org_id: string
    sequence: number
    transaction: string
    audit_id: string
    recorded_at: Date
    hash: Buffer
    sealed_at: DefaultNow
  }
  inbox: {
    org_id: string
    id: string
    workspace_id: string
    event_id: string
    sender: string
    payload: JSONColumnType<Record<string, unknown>>
    state: Generated<'queued' | 'done' | 'failed'>
    attempts: Generated<number>
    lease_until: Date | null
    received_at: DefaultNow
    done_at: Date | null
    error: string | null
  }
  lanes: {
    org_id: string
    id: string
    workspace_id: string
    destination: string
    not_before: DefaultNow
    lease_until: DefaultNow
    lease_id: string | null
    throttled_until: Date | null
  }
  posted_messages: {
    org_id: string
    id: string
    incident_id: string
    workspace_id: string
    channel: string
    message: string
    person_id: string | null
    shown_version: Generated<number>
    created_at: DefaultNow
  }
  deliveries: {
    org_id: string
    id: string
    sequence: GeneratedAlways<number>
    lane_id: string
    urgency: number
    notification: JSONColumnType<Record<string, unknown>>
    incident_id: string | null
    posted_message_id: string | null
    inbox_id: string | null
    page_id: string | null
    person_id: string | null
    state: Generated<'waiting' | 'queued' | 'sending' | 'sent' | 'dead' | 'withdrawn'>
    cancelled: Generated<boolean>
    attempts: Generated<number>
    uncertain: Generated<boolean>
    due_at: DefaultNow
    receipt: Json
    error: string | null
    link_used_at: Date | null
    late_told_at: Date | null
    created_at: DefaultNow
    settled_at: Date | null
  }
}
