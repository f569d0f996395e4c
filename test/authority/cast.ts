/** Everybody who appears: a person of each department and rank, administrators, and strangers of every kind. */
import type { SlackUser } from '../support/slack-state.ts'
import { type DepartmentName, departmentNames, type Placed, type RankName, rankNames } from './matrix.ts'

export type Member = Placed & { user: string; name: string; email: string }
export type StrangerKind = 'guest' | 'bot' | 'foreign' | 'deactivated' | 'unknown' | 'removed'
export type Stranger = { stranger: StrangerKind; user: string; name: string; email: string }

/** Names that no other begins with: people are looked up by how their names begin. */
const twins = ['Ana', 'Ben']

/** @param copy several people of the same department and rank, for asking many things at once. */
export const member = (department: DepartmentName, rank: RankName, copy = 0): Member => ({
  user: `U${department}${rank.replaceAll('_', '')}${copy}`.toUpperCase(),
  name: `${twins[copy]} ${department} ${rank.replaceAll('_', '-')}`,
  email: `${twins[copy]}.${department}.${rank}@example.com`.toLowerCase(),
  department,
  rank,
  admin: false,
})

/** Every department with every rank. */
export const everyone = (copy = 0): Member[] =>
  departmentNames.flatMap((department) => rankNames.map((rank) => member(department, rank, copy)))

const administrator = (department: DepartmentName, rank: RankName): Member => {
  const placed = member(department, rank)
  return {
    ...placed,
    user: `${placed.user}ADMIN`,
    name: `Adm ${department} ${rank.replaceAll('_', '-')}`,
    email: `adm.${placed.email}`,
    admin: true,
  }
}
export const administrators = [administrator('none', 'viewer'), administrator('IT', 'oncall_engineer')]

/** `deactivated` by Slack; `removed`: their account is good, and an administrator has deactivated them here. */
const kinds: StrangerKind[] = ['guest', 'bot', 'foreign', 'deactivated', 'unknown', 'removed']
export const strangers: Stranger[] = kinds.map((stranger) => ({
  stranger,
  user: `U${stranger.toUpperCase()}`,
  name: `Stranger ${stranger}`,
  email: `${stranger}@example.com`,
}))
const removed = strangers.find(({ stranger }) => stranger === 'removed')!

export type Person = Member | Stranger
export const isStranger = (person: Person): person is Stranger => 'stranger' in person

/** A polite word that says why, whatever was asked. */
export const refusalOf: Record<StrangerKind, RegExp> = {
  guest: /Guests cannot work incidents here/,
  bot: /Bots cannot work incidents here/,
  foreign: /another organisation cannot work incidents here/,
  deactivated: /access here has ended/,
  unknown: /does not know you yet/,
  removed: /access here has ended/,
}

export const membersOf = (copies: number): Member[] => [
  ...Array.from({ length: copies }, (_, copy) => everyone(copy)).flat(),
  ...administrators,
]

/** Slack's word on each of them; `unknown` is somebody whom Slack does not know. */
export const slackUsers = (members: Member[]): SlackUser[] => [
  ...members.map(({ user: id, name, email }) => ({ id, name, email })),
  ...strangers
    .filter(({ stranger }) => stranger !== 'unknown')
    .map(({ user: id, name, email, stranger }) => ({
      id,
      name,
      email,
      guest: stranger === 'guest',
      bot: stranger === 'bot',
      deactivated: stranger === 'deactivated',
      ...(stranger === 'foreign' && { team: 'T0ELSEWHERE' }),
    })),
]

const line = (who: Placed & { name: string; email: string }) =>
  `  - { name: ${who.name}, email: ${who.email}, department: ${who.department}, rank: ${who.rank}, ` +
  `admin: ${who.admin}, teams: [home] }`

/** Everybody is in the team `home` and nobody in `away`. */
export const configurationOf = (members: Member[]): string => `
organization: Example Corp
email_domains: [example.com]
teams: [{ name: home }, { name: away }]
people:
${members.map(line).join('\n')}
${line({ ...removed, department: 'OPS', rank: 'cto', admin: false })}
categories: [{ name: Database, department: IT }]
services: [{ name: api-gateway, team: away, critical: true }, { name: redis }]
customers: [{ name: Acme }]
policies:
  # What is declared pages nobody while a round is counted.
  - { name: quiet, steps: [{ after: 1d, notify: [{ rank: cto }] }] }
`
