/** Puts cases to the running product and says which of them ended otherwise than the design has it. */
import type { AnyOperation } from '../../src/operations/define.ts'
import { isStranger, type Member, type Person, refusalOf } from './cast.ts'
import type { Example, May } from './example.ts'
import { may, mayKnow, type Standing } from './matrix.ts'
import { type AuditLine, auditSince, fingerprint, instant, observe, type State } from './observed.ts'
import { prepare, type Slot } from './slots.ts'
import type { Surface } from './surfaces.ts'
import type { World } from './world.ts'

export type Question = { operation: AnyOperation; example: Example; who: Person; on: Standing }
export type Case = Question & { slot: Slot }

type Expected =
  | { kind: 'done' }
  | { kind: 'refused'; permission?: string }
  /** As if there were no such thing. */
  | { kind: 'unseen' }
  | { kind: 'stranger' }

export function expected({ operation, example, who, on }: Question, surface: Surface): Expected {
  if (isStranger(who)) return { kind: 'stranger' }
  const onIncident = operation.subject === 'incident'
  if (onIncident && !mayKnow(who, on)) return { kind: 'unseen' }
  const holds: May = (permission, elsewhere) => may(who, permission, elsewhere ?? on)
  const permission = example.missing(holds, on)
  if (permission && example.hidden) return { kind: 'unseen' }
  if (permission) return { kind: 'refused', permission }
  if (surface.audited === 'agent' && !operation.tool) return { kind: 'refused' }
  return { kind: 'done' }
}

/** One mistake in a table has many cases: the first of them say which it is. */
const mostTold = 15

/** @returns a sentence for each case that did not end as the design has it. */
export async function walk(world: World, surface: Surface, questions: Question[]): Promise<string[]> {
  const faults: string[] = []
  for (const group of groups(questions.filter(surface.takes), world.slots.length)) {
    const cases = group.map((question, index): Case => ({ ...question, slot: world.slots[index]! }))
    await prepare(
      world.tocsin.sql,
      cases.map(({ slot, who, on, example }) => ({
        slot,
        person: world.idOf(who.user),
        on,
        status: 'OPEN',
        ...example.given,
      })),
    )
    const allowed = cases.filter((each) => expected(each, surface).kind === 'done')
    // Those who may not go first, together: not one row of any table may be another afterwards.
    faults.push(
      ...(await refused(
        world,
        surface,
        cases.filter((each) => !allowed.includes(each)),
      )),
    )
    faults.push(...(await done(world, surface, allowed)))
  }
  const more = faults.length - mostTold
  return more > 0 ? [...faults.slice(0, mostTold), `… and ${more} more`] : faults
}

/** Everybody once in each group, so that the audit log's lines belong to one case. */
function groups(questions: Question[], most: number): Question[][] {
  const made: Question[][] = []
  for (const question of questions) {
    const free = made.find(
      (group) => group.length < most && group.every(({ who }) => who.user !== question.who.user),
    )
    if (free) free.push(question)
    else made.push([question])
  }
  return made
}

async function refused(world: World, surface: Surface, cases: Case[]): Promise<string[]> {
  if (!cases.length) return []
  const { sql } = world.tocsin
  const before = await fingerprint(sql)
  const since = await instant(sql)
  const answers = await surface.ask(world, cases)
  const after = await fingerprint(sql)
  const audit = await auditSince(sql, since)
  const changed = Object.keys(after).filter((table) => after[table] !== before[table])
  const faults = cases.flatMap((each, index) => {
    const wanted = expected(each, surface)
    const lines = audit.get(world.idOf(each.who.user) ?? '-') ?? []
    return [
      ...refusalFaults(world, each, wanted, answers[index]!),
      ...auditFaults(surface, each, wanted, lines),
    ].map((fault) => `${nameOf(each, surface)} ${fault}`)
  })
  if (changed.length) {
    const names = cases.map((each) => nameOf(each, surface)).join('; ')
    faults.push(`One of these changed ${changed.join(', ')} and was to change nothing: ${names}`)
  }
  return faults
}

async function done(world: World, surface: Surface, cases: Case[]): Promise<string[]> {
  if (!cases.length) return []
  const { sql } = world.tocsin
  const before = await fingerprint(sql)
  const since = await instant(sql)
  const answers = await surface.ask(world, cases)
  const audit = await auditSince(sql, since)
  const states = await observe(
    sql,
    cases.map(({ slot }) => slot),
  )
  const faults = cases.flatMap((each, index) => {
    const lines = audit.get(world.idOf(each.who.user) ?? '-') ?? []
    const state = states.get(each.slot.number)!
    return [
      ...effectFaults(world, each, state, answers[index]!),
      ...auditFaults(surface, each, { kind: 'done' }, lines),
    ].map((fault) => `${nameOf(each, surface)} ${fault}`)
  })
  if (cases.every(({ example }) => !example.did)) {
    const after = await fingerprint(sql)
    const changed = Object.keys(after).filter((table) => after[table] !== before[table])
    if (changed.length) faults.push(`A read changed ${changed.join(', ')}: ${nameOf(cases[0]!, surface)}`)
  }
  return faults
}

function effectFaults(world: World, each: Case, state: State, answer: string): string[] {
  const { example, slot, on } = each
  const who = each.who as Member
  const faults: string[] = []
  const me = world.idOf(who.user)!
  if (example.did && !example.did(state, me, slot))
    faults.push(`was allowed and did not take effect: ${answer}`)
  if (example.shows && !example.shows(slot, who).test(answer))
    faults.push(`was answered without its data: ${answer}`)
  for (const [permission, fact] of Object.entries(example.sees ?? {})) {
    const holds = may(who, permission, on)
    if (fact.test(answer) !== holds) {
      faults.push(
        `${holds ? 'has' : 'lacks'} ${permission} and ${holds ? 'was not' : 'was'} shown ${fact}: ${answer}`,
      )
    }
  }
  return faults
}

function refusalFaults(world: World, each: Case, wanted: Expected, answer: string): string[] {
  switch (wanted.kind) {
    case 'stranger':
      if (!isStranger(each.who) || refusalOf[each.who.stranger].test(answer)) return []
      return [`was to be refused politely: ${answer}`]
    case 'unseen':
      return /There is no (incident INC-\d+ that you may see|such answer of yours)/.test(answer)
        ? []
        : [`was to be told that there is none: ${answer}`]
    case 'refused':
      return wanted.permission ? deniedFaults(world, each, wanted.permission, answer) : []
    case 'done':
      return []
  }
}

/** A refusal names the permission and somebody who has it, and nobody who has it not. */
function deniedFaults(world: World, each: Case, permission: string, answer: string): string[] {
  const faults: string[] = []
  if (!new RegExp(`needs ${permission}\\b`).test(answer))
    faults.push(`was to be refused for ${permission}: ${answer}`)
  const named = world.members.filter(({ name }) => answer.includes(`${name} (`))
  if (!named.length) faults.push(`was told of nobody who has ${permission}: ${answer}`)
  for (const holder of named) {
    if (!may(holder, permission, { relation: 'none', team: each.on.team })) {
      faults.push(`was told that ${holder.name} has ${permission}: ${answer}`)
    }
  }
  return faults
}

function auditFaults(surface: Surface, each: Case, wanted: Expected, lines: AuditLine[]): string[] {
  const said = lines.map(({ operation, outcome }) => `${operation} ${outcome}`)
  const audits = each.example.audits ?? (each.example.did ? [each.operation.name] : [])
  const names = typeof audits === 'function' ? audits(each.on) : audits
  const right =
    wanted.kind === 'refused'
      ? [`${each.operation.name} denied`]
      : wanted.kind === 'done'
        ? names.map((name) => `${name} done`)
        : []
  const faults: string[] = []
  const told = surface.repeats ? [...new Set(said)] : said
  if (told.join() !== right.join()) faults.push(`was audited as [${said}] in place of [${right}]`)
  if (lines.some((line) => line.surface !== surface.audited)) faults.push('was audited under another surface')
  return faults
}

const nameOf = ({ operation, example, who, on }: Case, surface: Surface): string => {
  const place = [on.relation, `${on.team} team`, ...(on.private ? ['private'] : [])].join(', ')
  return `${operation.name}${example.as ? ` (${example.as})` : ''} by ${who.name} (${place}), ${surface.name}:`
}
