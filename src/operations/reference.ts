import { defaultDepartments, holdingsOf, holdingsOn, type Permission, ranks } from '../core/permissions.ts'
import { type AnyOperation, permissionsOf } from './define.ts'

/** The verbs and who may use them, as Markdown, made from the registry: the README's table. */
export function reference(registry: readonly AnyOperation[]): string {
  const rows = registry
    .filter((operation) => operation.verb)
    .map((operation) => {
      const aliases = operation.verb!.aliases?.length ? ` (also ${operation.verb!.aliases.join(', ')})` : ''
      const usage = `\`${operation.verb!.usage.replaceAll('|', '\\|')}\`${aliases}`
      return `| ${usage} | ${operation.summary} | ${whoMay(operation)} |`
    })
  return ['| verb | what it does | who may |', '|---|---|---|', ...rows].join('\n')
}

const whoMay = (operation: AnyOperation): string => {
  const needed = permissionsOf(operation)
  if (!needed.length) return 'everybody placed here'
  return needed.map((permission) => `\`${permission}\`: ${holders(permission)}`).join('; ')
}

const holders = (permission: Permission): string => {
  const departments = defaultDepartments
    .filter((department) => department.permissions.includes(permission))
    .map((department) => department.name)
  const rank = ranks.find((each) =>
    holdingsOf({ departmentPermissions: [], rank: each, admin: false }).has(permission),
  )
  const everywhere = ranks.find(
    (each) =>
      holdingsOf({ departmentPermissions: [], rank: each, admin: false }).get(permission) === 'everywhere',
  )
  const words = [...departments]
  if (rank)
    words.push(
      `${rank} and above${everywhere === rank ? '' : ` in own teams (everywhere from ${everywhere})`}`,
    )
  if (
    holdingsOf({ departmentPermissions: [], rank: 'viewer', admin: true }).has(permission) &&
    rank !== 'viewer'
  ) {
    words.push('administrators')
  }
  return [...words, ...standings(permission)].join(', ')
}

/** Who may by standing on the incident. */
const standings = (permission: Permission): string[] =>
  (['reporter', 'paged', 'assignee', 'commander'] as const)
    .filter((relation) => {
      const none = { reporter: false, paged: false, assignee: false, commander: false, involved: false }
      return holdingsOn(new Map(), { ...none, [relation]: true }).has(permission)
    })
    .filter(() => permission !== 'view_incident')
    .map((relation) => `its ${relation}`)
