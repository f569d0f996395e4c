import { defaultDepartments } from '../permissions.ts'
import { ownRoutes, urgencies } from '../preferences/preference.ts'
import type { Problem } from './parse.ts'
import { checkPolicies } from './policy-references.ts'
import type { Configuration } from './schema.ts'

type Sections = Omit<Configuration, 'later'>
type Path = PropertyKey[]

/** What one section demands of another: no name twice, no name that stands for nothing. */
export function references(file: Sections): Problem[] {
  const problems: Problem[] = []
  const refuse = (path: Path, wrong: string) => problems.push({ path, wrong })
  const names = (section: string, rows: { name: string }[]) =>
    unique(
      rows.map((row, index) => ({ value: row.name, path: [section, index, 'name'] })),
      refuse,
    )
  const own = names('departments', file.departments)
  const four = new Set(defaultDepartments.map((row) => row.name.toLowerCase()))
  for (const [index, { name }] of file.departments.entries()) {
    if (four.has(name.toLowerCase()))
      refuse(['departments', index, 'name'], 'is one of the four that are always there')
    if (name.toLowerCase() === 'none') refuse(['departments', index, 'name'], 'cannot be none')
  }
  const known: Known = {
    department: new Set([...four, ...own]),
    team: names('teams', file.teams),
    service: names('services', file.services),
    category: names('categories', file.categories),
    schedule: names('schedules', file.schedules),
    webhook: names('webhooks', file.webhooks),
    person: new Set(file.people.flatMap(({ email }) => (email ? [email] : []))),
  }
  names('customers', file.customers)
  names('policies', file.policies)
  const need = (kind: keyof Known, value: string | undefined, path: Path) => {
    if (value === undefined || known[kind].has(value.toLowerCase())) return
    refuse(
      path,
      kind === 'person' ? 'is nobody’s e-mail address under people' : `names no ${kind} of this file`,
    )
  }
  checkPeople(file, need, refuse)
  checkCatalogue(file, need)
  checkChannels(file, refuse)
  checkPolicies(file.policies, need, refuse)
  checkSchedules(file, need)
  checkPreferences(file, need)
  return problems
}

type Known = Record<
  'department' | 'team' | 'service' | 'category' | 'schedule' | 'webhook' | 'person',
  Set<string>
>
type Refuse = (path: Path, wrong: string) => void
type Need = (kind: keyof Known, value: string | undefined, path: Path) => void

/** Whatever the case: people do not tell `Payments` from `payments`. */
function unique(rows: { value: string; path: Path }[], refuse: Refuse): Set<string> {
  const seen = new Set<string>()
  for (const { value, path } of rows) {
    const key = value.toLowerCase()
    if (seen.has(key)) refuse(path, 'is there twice')
    seen.add(key)
  }
  return seen
}

function checkPeople(file: Sections, need: Need, refuse: Refuse): void {
  unique(
    file.people.flatMap(({ email }, index) =>
      email ? [{ value: email, path: ['people', index, 'email'] }] : [],
    ),
    refuse,
  )
  // Without an address the name is what tells people apart from one run to the next.
  const named = file.people.map((person) => person.name.toLowerCase())
  for (const [index, person] of file.people.entries()) {
    const path = ['people', index]
    const name = person.name.toLowerCase()
    if (!person.email && named.indexOf(name) !== named.lastIndexOf(name)) {
      refuse([...path, 'name'], 'is there twice: give each an email')
    }
    if (person.department?.toLowerCase() !== 'none')
      need('department', person.department, [...path, 'department'])
    for (const [at, team] of (person.teams ?? []).entries()) need('team', team, [...path, 'teams', at])
  }
  unique(
    file.people.flatMap(({ on = {} }, index) =>
      Object.entries(on).map(([platform, user]) => ({
        value: `${platform}:${user}`,
        path: ['people', index, 'on', platform],
      })),
    ),
    refuse,
  )
  unique(
    file.group_roles.flatMap(({ slack_group, teams_group }, index) => [
      ...(slack_group
        ? [{ value: `slack:${slack_group}`, path: ['group_roles', index, 'slack_group'] }]
        : []),
      ...(teams_group
        ? [{ value: `teams:${teams_group}`, path: ['group_roles', index, 'teams_group'] }]
        : []),
    ]),
    refuse,
  )
  for (const [index, role] of file.group_roles.entries()) {
    if (role.department?.toLowerCase() !== 'none')
      need('department', role.department, ['group_roles', index, 'department'])
  }
}

function checkCatalogue(file: Sections, need: Need): void {
  for (const [index, { department }] of file.categories.entries()) {
    need('department', department, ['categories', index, 'department'])
  }
  for (const [index, { team }] of file.services.entries()) need('team', team, ['services', index, 'team'])
  for (const [index, customer] of file.customers.entries()) {
    for (const [at, service] of customer.services.entries()) {
      need('service', service, ['customers', index, 'services', at])
    }
  }
}

/** A channel may announce, belong to one team and have a clearance at once; twice the same is a mistake. */
function checkChannels(file: Sections, refuse: Refuse): void {
  const places = (rows: { where?: Record<string, string | undefined>; path: Path }[]) =>
    unique(
      rows.flatMap(({ where = {}, path }) =>
        (['slack', 'teams', 'console'] as const).flatMap((platform) => {
          const channel = where[platform]
          return channel ? [{ value: `${platform}:${channel}`, path: [...path, platform] }] : []
        }),
      ),
      refuse,
    )
  places(file.teams.map(({ channel }, index) => ({ where: channel, path: ['teams', index, 'channel'] })))
  places(
    file.channels.map(({ slack, teams, console }, index) => ({
      where: { slack, teams, console },
      path: ['channels', index],
    })),
  )
}

function checkPreferences({ preferences }: Sections, need: Need): void {
  for (const urgency of urgencies) {
    for (const [index, { route }] of (preferences?.[urgency] ?? []).entries()) {
      const own = (ownRoutes as readonly string[]).includes(route.toLowerCase())
      if (!own) need('webhook', route, ['preferences', urgency, index, 'route'])
    }
  }
}

function checkSchedules(file: Sections, need: Need): void {
  for (const [index, schedule] of file.schedules.entries()) {
    const path = ['schedules', index]
    need('team', schedule.team, [...path, 'team'])
    for (const [at, layer] of schedule.layers.entries()) {
      for (const [place, person] of layer.people.entries()) {
        need('person', person, [...path, 'layers', at, 'people', place])
      }
    }
    for (const [at, { person }] of schedule.overrides.entries()) {
      need('person', person, [...path, 'overrides', at, 'person'])
    }
  }
}
