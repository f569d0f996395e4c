/** The verbs and who may use them, as Markdown made from the registry: a section of the README. */
import {
  defaultDepartments,
  type Holdings,
  holdingsOf,
  holdingsOn,
  type Permission,
  type Rank,
  type Relations,
  ranks,
} from '../core/permissions.ts'
import { type AnyOperation, permissionsOf } from './define.ts'

export const reference = (registry: readonly AnyOperation[]): string => {
  const spoken = registry.filter((operation) => operation.verb)
  return [rolesTable(spoken), verbsTable(spoken)].join('\n\n')
}

/** Whoever comes to hold something: by rank, department, mark or by standing on one incident. */
type Role = { name: string; held: Holdings; before: Holdings; onIncident?: boolean }

const rankNames: Record<Rank, string> = {
  viewer: 'viewer: everybody',
  user: 'user',
  oncall_engineer: 'on-call engineer',
  team_lead: 'team lead',
  manager: 'manager',
  vp: 'vp',
  cto: 'cto',
}

const nobody: Holdings = new Map()
const ofRank = (rank: Rank) => holdingsOf({ departmentPermissions: [], rank, admin: false })
const viewer = ofRank('viewer')
const relations = { reporter: false, paged: false, assignee: false, commander: false, involved: false }

const standing = (relation: keyof Relations, name: string): Role => ({
  name: `*${name}*`,
  held: holdingsOn(viewer, { ...relations, [relation]: true }),
  before: viewer,
  onIncident: true,
})

const roles: Role[] = [
  ...ranks.map((rank, index) => ({
    name: rankNames[rank],
    held: ofRank(rank),
    before: index ? ofRank(ranks[index - 1]!) : nobody,
  })),
  ...defaultDepartments.map(({ name, permissions }) => ({
    name: `**${name}**`,
    held: holdingsOf({ departmentPermissions: permissions, rank: 'viewer', admin: false }),
    before: viewer,
  })),
  {
    name: '**administrator**',
    held: holdingsOf({ departmentPermissions: [], rank: 'viewer', admin: true }),
    before: viewer,
  },
  standing('reporter', 'its reporter'),
  standing('paged', 'whoever was paged'),
  standing('assignee', 'its assignee'),
]

const rolesTable = (registry: AnyOperation[]): string =>
  [
    '| who | may, besides what the ranks above it may |',
    '|---|---|',
    ...roles.map((role) => `| ${role.name} | ${mayDo(registry, role)} |`),
  ].join('\n')

const mayDo = (registry: AnyOperation[], { held, before, onIncident }: Role): string =>
  registry
    .filter((operation) => !onIncident || operation.subject === 'incident')
    .flatMap((operation) => {
      const needed = permissionsOf(operation)
      if (!needed.length) return before === nobody ? [code(operation)] : []
      const more = needed.filter((permission) => wider(held, before, permission))
      // What lets them do a part of it alone is named; managing one's own or all of something is the same thing.
      const whole = more.length === needed.length || more.every((name) => name.startsWith('manage_'))
      const part = whole ? '' : ` (${more.join(', ')})`
      const everywhere = more.every((permission) => held.get(permission) === 'everywhere')
      return more.length ? [`${code(operation)}${part}${everywhere ? '' : ' in own teams'}`] : []
    })
    .join(', ')

/** New, or now everywhere. */
const wider = (held: Holdings, before: Holdings, permission: Permission): boolean =>
  held.has(permission) && held.get(permission) !== before.get(permission)

const code = ({ verb }: AnyOperation): string => `\`${verb!.words.join(' ')}\``

const verbsTable = (registry: AnyOperation[]): string =>
  [
    '| verb | what it does | needs |',
    '|---|---|---|',
    ...registry.map((operation) => {
      const { usage, aliases } = operation.verb!
      const also = aliases?.length ? ` (also ${aliases.join(', ')})` : ''
      const needs = permissionsOf(operation).map((permission) => `\`${permission}\``)
      return `| \`${usage.replaceAll('|', '\\|')}\`${also} | ${operation.summary} | ${needs.join(' or ') || '–'} |`
    }),
  ].join('\n')
