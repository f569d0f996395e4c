/**
 * Who may do what, as data. A permission is checked by its name; a rank or a department is never asked for
 * anywhere else in the code. Source of every row: the table "People" in the product's design.
 */
export const permissions = [
  'view_incident',
  'view_internal',
  'view_technical_details',
  'view_logs',
  'view_business_impact',
  'view_cost_impact',
  'view_customer_impact',
  'view_analytics',
  'view_audit',
  'access_private',
  'create_incident',
  'comment',
  'comment_internal',
  'acknowledge',
  'update_status',
  'update_priority',
  'update_services',
  'update_business_impact',
  'list_customers',
  'update_customers',
  'notify_customers',
  'allocate_resources',
  'record_cost',
  'request_spending',
  'approve_spending',
  'approve_large_spending',
  'run_diagnostics',
  'restart_service',
  'approve_restart',
  'snooze',
  'escalate',
  'page',
  'assign_self',
  'assign',
  'hand_off',
  'set_incident_roles',
  'close_own',
  'close_any',
  'manage_schedule',
  'manage_team',
  'manage_people',
  'manage_teams',
  'manage_policies',
  'manage_integrations',
] as const
export type Permission = (typeof permissions)[number]

/** How far a permission reaches: only where one of the holder's own teams is concerned, or everywhere. */
export type Reach = 'own_teams' | 'everywhere'
export type Holdings = ReadonlyMap<Permission, Reach>

export const ranks = ['viewer', 'user', 'oncall_engineer', 'team_lead', 'manager', 'vp', 'cto'] as const
export type Rank = (typeof ranks)[number]

/** What each rank adds to the ones below it. `own` holds for the holder's own teams alone. */
const rankAdds: Record<Rank, { everywhere: Permission[]; own?: Permission[] }> = {
  viewer: { everywhere: ['view_incident'] },
  user: { everywhere: ['create_incident', 'comment', 'close_own'] },
  oncall_engineer: {
    everywhere: [
      'view_internal',
      'comment_internal',
      'acknowledge',
      'update_status',
      'update_services',
      'snooze',
      'escalate',
      'assign_self',
      'page',
      'request_spending',
    ],
  },
  team_lead: {
    everywhere: ['set_incident_roles', 'approve_restart'],
    own: ['assign', 'hand_off', 'manage_schedule'],
  },
  manager: {
    everywhere: ['close_any', 'update_priority', 'allocate_resources', 'view_analytics'],
    own: ['manage_team'],
  },
  vp: {
    everywhere: [
      'assign',
      'hand_off',
      'manage_schedule',
      'manage_team',
      'approve_large_spending',
      'access_private',
    ],
  },
  cto: { everywhere: ['view_audit'] },
}

export const personas = ['InfraBot', 'BizBot', 'MarketBot', 'InfoBot'] as const
export type Persona = (typeof personas)[number]

export type Department = { name: string; persona: Persona; permissions: Permission[] }

/** The four departments every organisation starts with; the configuration may add others. */
export const defaultDepartments: Department[] = [
  {
    name: 'IT',
    persona: 'InfraBot',
    permissions: [
      'view_incident',
      'view_internal',
      'comment_internal',
      'create_incident',
      'view_technical_details',
      'view_logs',
      'run_diagnostics',
      'restart_service',
      'update_services',
    ],
  },
  {
    name: 'OPS',
    persona: 'BizBot',
    permissions: [
      'view_incident',
      'view_internal',
      'comment_internal',
      'update_priority',
      'update_status',
      'allocate_resources',
      'view_business_impact',
      'update_business_impact',
      'list_customers',
      'update_services',
      'update_customers',
      'request_spending',
    ],
  },
  {
    name: 'FINANCE',
    persona: 'BizBot',
    permissions: [
      'view_incident',
      'view_internal',
      'comment_internal',
      'view_cost_impact',
      'record_cost',
      'approve_spending',
    ],
  },
  {
    name: 'CSM',
    persona: 'MarketBot',
    permissions: [
      'view_incident',
      'view_internal',
      'comment_internal',
      'view_customer_impact',
      'list_customers',
      'update_customers',
      'notify_customers',
    ],
  },
]

const administratorAdds: Permission[] = [
  'manage_people',
  'manage_teams',
  'manage_policies',
  'manage_integrations',
  ...permissions.filter((name) => name.startsWith('view_')),
]

/** What standing on one incident gives, whatever the department and the rank. */
export type Relations = {
  reporter: boolean
  assignee: boolean
  paged: boolean
  commander: boolean
  /** Any of the above, another incident role, or an invitation: may know a private incident. */
  involved: boolean
}

const grant = (into: Map<Permission, Reach>, names: readonly Permission[], reach: Reach) => {
  for (const name of names) {
    if (into.get(name) !== 'everywhere') into.set(name, reach)
  }
}

const grantRank = (into: Map<Permission, Reach>, rank: Rank) => {
  for (const step of ranks.slice(0, ranks.indexOf(rank) + 1)) {
    grant(into, rankAdds[step].everywhere, 'everywhere')
    grant(into, rankAdds[step].own ?? [], 'own_teams')
  }
}

/** What a placed person holds everywhere: by department, rank and the administrator's mark. */
export function holdingsOf(person: {
  departmentPermissions: readonly string[]
  rank: Rank
  admin: boolean
}): Holdings {
  const held = new Map<Permission, Reach>()
  const known = person.departmentPermissions.filter((name): name is Permission => isPermission(name))
  grant(held, known, 'everywhere')
  grantRank(held, person.rank)
  if (person.admin) grant(held, administratorAdds, 'everywhere')
  return held
}

/** The same person's holdings on one incident: the relations' permissions are added, nothing is taken. */
export function holdingsOn(base: Holdings, relations: Relations): Holdings {
  const held = new Map(base)
  if (relations.commander) {
    const lead = new Map<Permission, Reach>()
    grantRank(lead, 'team_lead')
    grant(held, [...lead.keys()], 'everywhere')
  }
  if (relations.reporter) grant(held, ['comment', 'close_own'], 'everywhere')
  if (relations.paged) grant(held, ['acknowledge'], 'everywhere')
  if (relations.assignee) grant(held, ['update_status'], 'everywhere')
  if (relations.involved) grant(held, ['access_private'], 'everywhere')
  return held
}

export const isPermission = (name: string): name is Permission =>
  (permissions as readonly string[]).includes(name)

/** Holds it here: everywhere, or for own teams while the incident's (or subject's) team is one of them. */
export function holds(
  held: Holdings,
  permission: Permission,
  where?: { teamId?: string | null; ownTeams: readonly string[] },
): boolean {
  const reach = held.get(permission)
  if (reach === 'everywhere') return true
  if (reach === 'own_teams') return !!where?.teamId && where.ownTeams.includes(where.teamId)
  return false
}
