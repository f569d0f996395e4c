/**
 * Which cases stand for all where the full product would say the same thing over and over: each permission class is
 * there, and the departments, ranks and people take turns from operation to operation.
 */
import type { AnyOperation } from '../../src/operations/define.ts'
import { administrators, member, type Person, strangers } from './cast.ts'
import type { Example } from './example.ts'
import {
  type DepartmentName,
  departmentNames,
  type RankName,
  type Relation,
  rankNames,
  relations,
  type Standing,
} from './matrix.ts'
import type { Question } from './walk.ts'

type Walked = { operation: AnyOperation; examples: Example[] }

export const nothingOfTheirs: Standing = { relation: 'none', team: 'other', private: false }

/** Takes turns: the same ones in each run. */
const turns = <T>(all: readonly T[]) => {
  let next = 0
  return () => all[next++ % all.length]!
}
const nextDepartment = turns<DepartmentName>(departmentNames)
/** Those whose department lets them do nothing to an incident: what they may is a relation's. */
const nextIdle = turns<DepartmentName>(['none', 'FINANCE', 'CSM'])
const nextStranger = turns(strangers)
const nextAdministrator = turns(administrators)
const nextOfTheirs = turns<Relation>(['reporter', 'assignee', 'paged', 'commander', 'scribe', 'invited'])
const nextRelation = turns<Relation>(relations.slice(1))
const nextLow = turns<RankName>(['viewer', 'user', 'oncall_engineer', 'team_lead'])
const nextActing = turns<RankName>(['user', 'oncall_engineer'])
const nextLeading = turns<RankName>(['team_lead', 'manager'])
const nextAboveAll = turns<RankName>(['vp', 'cto'])

/** Each person of a department and rank has `copies` twins: whoever has been asked least is next. */
export const chooser = (copies: number) => {
  const asked = new Map<string, number>()
  return (department: DepartmentName, rank: RankName): Person => {
    const times = asked.get(`${department} ${rank}`) ?? 0
    asked.set(`${department} ${rank}`, times + 1)
    return member(department, rank, times % copies)
  }
}
type Choose = ReturnType<typeof chooser>

/** Each of the operation's examples, by somebody of its own. */
const ask = (walked: Walked, next: () => Person, on: Partial<Standing> = {}): Question[] =>
  walked.examples
    .filter((example) => !(on.private && example.public))
    .map((example) => ({
      operation: walked.operation,
      example,
      who: next(),
      on: { ...nothingOfTheirs, ...on },
    }))

/** Where a relation decides: somebody whom it lifts from nothing, and one who may something already. */
export const byRelation = (walked: Walked, choose: Choose): Question[] =>
  relations
    .slice(1)
    .flatMap((relation) => [
      ...ask(walked, () => choose(nextIdle(), 'viewer'), { relation }),
      ...ask(walked, () => choose(nextDepartment(), nextActing()), { relation }),
    ])

/** Every relation once, of somebody who has nothing else. */
export const byRelationAlone = (walked: Walked, choose: Choose): Question[] =>
  relations.slice(1).flatMap((relation) => ask(walked, () => choose(nextIdle(), 'viewer'), { relation }))

/** Two of the relations, taking turns. */
export const byRelationsInTurn = (walked: Walked, choose: Choose): Question[] =>
  [nextRelation(), nextRelation()].flatMap((relation) =>
    ask(walked, () => choose(nextIdle(), 'viewer'), { relation }),
  )

/** Where the team decides: from just below the first rank that leads a team to the first that leads all. */
export const byTeam = (walked: Walked, choose: Choose): Question[] => {
  const by = (rank: RankName, team: Standing['team']) =>
    ask(walked, () => choose(nextDepartment(), rank), { team })
  return [
    ...by('oncall_engineer', 'own'),
    ...by('team_lead', 'own'),
    ...by('manager', 'own'),
    ...by('team_lead', 'none'),
    ...by('vp', 'none'),
  ]
}

/** A private incident, known to its own people and from vp on; following it is no standing on it. */
export const byPrivacy = (walked: Walked, choose: Choose): Question[] => {
  const by = (next: () => Person, on: Partial<Standing> = {}) => ask(walked, next, { private: true, ...on })
  return [
    ...by(() => choose(nextDepartment(), 'manager'), { team: 'own' }),
    ...by(() => choose(nextDepartment(), 'vp')),
    ...by(() => choose(nextDepartment(), 'oncall_engineer'), { relation: 'follower' }),
    ...by(nextAdministrator),
    ...[nextOfTheirs(), nextOfTheirs(), nextOfTheirs()].flatMap((relation) =>
      by(() => choose(nextDepartment(), nextLow()), { relation }),
    ),
  ]
}

export const byAdministrators = (walked: Walked): Question[] =>
  administrators.flatMap((who) => ask(walked, () => who))
export const byAdministrator = (walked: Walked): Question[] => ask(walked, nextAdministrator)

export const byStrangers = (walked: Walked, most = strangers.length): Question[] =>
  Array.from({ length: most }, nextStranger).flatMap((who) => ask(walked, () => who))

/** Somebody whom Slack does not know has no direct conversation to be answered in. */
export const byStrangerInDirect = (walked: Walked): Question[] => {
  const who = nextStranger()
  return who.stranger === 'unknown' ? byStrangerInDirect(walked) : ask(walked, () => who)
}

/** Every rank, the departments taking turns. */
export const byRank = (walked: Walked, choose: Choose): Question[] =>
  rankNames.flatMap((rank) => ask(walked, () => choose(nextDepartment(), rank)))

/** Four ranks for the seven, taking turns: one that may little, one that acts, one that leads, one above all. */
export const byRankClass = (walked: Walked, choose: Choose): Question[] =>
  [() => 'viewer' as const, nextActing, nextLeading, nextAboveAll].flatMap((rank) =>
    ask(walked, () => choose(nextDepartment(), rank())),
  )

/** Every department at the lowest rank, where what it may do is the department's alone. */
export const byDepartment = (walked: Walked, choose: Choose): Question[] =>
  departmentNames.flatMap((department) => ask(walked, () => choose(department, 'viewer')))
