/**
 * Who may do what, written down by hand from the tables under "People" in the product's design, and never from the
 * code: a wrong row in src/core/permissions.ts must not make these tests wrong with it.
 */
const words = (text: string) => text.trim().split(/\s+/)

export const departments = {
  IT: words(`view_incident view_internal comment_internal create_incident view_technical_details view_logs
    run_diagnostics restart_service update_services`),
  OPS: words(`view_incident view_internal comment_internal update_priority update_status allocate_resources
    view_business_impact update_business_impact list_customers update_services update_customers
    request_spending`),
  FINANCE: words(
    'view_incident view_internal comment_internal view_cost_impact record_cost approve_spending',
  ),
  CSM: words(`view_incident view_internal comment_internal view_customer_impact list_customers
    update_customers notify_customers`),
  none: [],
} satisfies Record<string, string[]>
export type DepartmentName = keyof typeof departments
export const departmentNames = Object.keys(departments) as DepartmentName[]

export const rankNames = [
  'viewer',
  'user',
  'oncall_engineer',
  'team_lead',
  'manager',
  'vp',
  'cto',
] as const satisfies string[]
export type RankName = (typeof rankNames)[number]

/** What each rank adds to those before it. `own` counts only for the person's own teams. */
const rankAdds: Record<RankName, { everywhere: string[]; own?: string[] }> = {
  viewer: { everywhere: words('view_incident') },
  user: { everywhere: words('create_incident comment close_own') },
  oncall_engineer: {
    everywhere:
      words(`view_internal comment_internal acknowledge update_status update_services snooze escalate
      assign_self page request_spending`),
  },
  team_lead: {
    everywhere: words('set_incident_roles approve_restart'),
    own: words('assign hand_off manage_schedule'),
  },
  manager: {
    everywhere: words('close_any update_priority allocate_resources view_analytics'),
    own: words('manage_team'),
  },
  vp: { everywhere: words('assign hand_off manage_schedule manage_team approve_large_spending') },
  cto: { everywhere: words('view_audit') },
}

const administrator = words(`manage_people manage_teams manage_policies manage_integrations
  view_incident view_internal view_technical_details view_logs view_business_impact view_cost_impact
  view_customer_impact view_analytics view_audit`)

export const relations = ['none', 'reporter', 'assignee', 'paged', 'commander'] as const
/** The last three give no permission; being a scribe or invited makes a private incident one's own to know. */
export type Relation = (typeof relations)[number] | 'scribe' | 'invited' | 'follower'

const relationGives: Record<Relation, string[]> = {
  none: [],
  reporter: words('comment close_own'),
  assignee: words('update_status'),
  paged: words('acknowledge'),
  commander: [],
  scribe: [],
  invited: [],
  follower: [],
}

export type Placed = { department: DepartmentName; rank: RankName; admin: boolean }
/** How somebody stands to one incident: what they are on it, and whether its team is theirs. */
export type Standing = { relation: Relation; team: 'own' | 'other' | 'none'; private: boolean }

type Reach = 'everywhere' | 'own'

const byRank = (rank: RankName, permission: string): Reach | undefined => {
  const reached = rankNames.slice(0, rankNames.indexOf(rank) + 1).map((each) => rankAdds[each])
  if (reached.some(({ everywhere }) => everywhere.includes(permission))) return 'everywhere'
  return reached.some(({ own }) => own?.includes(permission)) ? 'own' : undefined
}

export const reachOf = (who: Placed, permission: string): Reach | undefined => {
  const given: string[] = departments[who.department]
  if (given.includes(permission)) return 'everywhere'
  if (who.admin && administrator.includes(permission)) return 'everywhere'
  return byRank(who.rank, permission)
}

/** Whether a person may do it, on one incident where one is meant. */
export const may = (who: Placed, permission: string, on?: Pick<Standing, 'relation' | 'team'>): boolean => {
  const reach = reachOf(who, permission)
  if (reach === 'everywhere') return true
  if (!on) return false
  if (reach === 'own' && on.team === 'own') return true
  if (relationGives[on.relation].includes(permission)) return true
  return on.relation === 'commander' && byRank('team_lead', permission) !== undefined
}

/** A private incident exists for its own people and for vp and above, and for nobody else. */
export const mayKnow = (who: Placed, on: Standing): boolean =>
  !on.private ||
  !['none', 'follower'].includes(on.relation) ||
  rankNames.indexOf(who.rank) >= rankNames.indexOf('vp')

/** Every permission that the design names. */
export const everyPermission: string[] = [
  ...new Set([
    ...Object.values(departments).flat(),
    ...Object.values(rankAdds).flatMap(({ everywhere, own = [] }) => [...everywhere, ...own]),
    ...administrator,
  ]),
].sort()
