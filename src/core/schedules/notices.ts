/**
 * Whoever goes on call is told, and team leads of the times that nobody has: each shift and each gap once, however
 * many replicas look. The row that says so is written in the transaction that writes the message. Who has no account
 * in a chat yet is told as soon as they have one.
 */
import type { OrgTx, Tx } from '../../db/pool.ts'
import { tellPeople } from '../announce.ts'
import { plain } from '../labels.ts'
import type { Outcome } from '../outcome.ts'
import { leadsOf, reachableOf } from './leads.ts'
import { loadSchedules, nameOf, type StoredSchedule } from './load.ts'
import { type Current, gaps, type Shift, shiftAt } from './schedule.ts'
import { gapLines, time, typed } from './words.ts'
import { day } from './zone.ts'

/** A gap is told once it begins within this time, and with it all those of the time after: a week's in one message. */
const tellAhead = 7 * day
const tellWith = 14 * day
/** As far as a shift's ends are looked for. */
const farthest = 400 * day
/** What began before anybody looks back is one and the same, whenever it is seen. */
const longAgo = new Date(0)

const around = (now: Date) => ({
  from: new Date(now.getTime() - farthest),
  until: new Date(now.getTime() + farthest),
})

/** @returns how many messages were written. */
export async function tellOfShifts({ tx, orgId, now }: OrgTx): Promise<number> {
  const schedules = await loadSchedules(tx, orgId, around(now))
  const current = schedules.map((schedule) => ({ schedule, shift: shiftAt(schedule, now) }))
  const holders = current.flatMap(({ shift }) => shift.person ?? [])
  const reachable = await reachableOf(tx, orgId, holders)
  let told = 0
  for (const { schedule, shift } of current) {
    const { person, from = longAgo } = shift
    if (!person || !reachable.has(person)) continue
    const claimed = await claim(tx, orgId, schedule.id, 'shift', [{ from, person }], now)
    if (!claimed.length) continue
    await tellPeople(tx, orgId, [person], shiftMessage(schedule, shift, now))
    told += 1
  }
  return told
}

/** @returns how many messages were written. */
export async function tellOfGaps({ tx, orgId, now }: OrgTx): Promise<number> {
  const schedules = await loadSchedules(tx, orgId, around(now))
  let told = 0
  for (const schedule of schedules) told += await tellLeads(tx, orgId, schedule, now)
  return told
}

async function tellLeads(tx: Tx, orgId: string, schedule: StoredSchedule, now: Date): Promise<number> {
  const near = (from: Date) => from.getTime() <= now.getTime() + tellAhead
  const open = gaps(schedule, now, new Date(now.getTime() + tellWith))
  const [first] = open
  if (!first || !near(first.from)) return 0
  // The one that is going on began before now.
  if (first.from <= now) first.from = shiftAt(schedule, now).from ?? longAgo
  const leads = await leadsOf(tx, orgId, schedule.teamId)
  const wanted = open.flatMap(({ from }) => leads.map((person) => ({ from, person })))
  const untold = await untoldOf(tx, orgId, schedule.id, wanted)
  // Those further away wait for the next near one, so that hours which nobody has are told once a week, not daily.
  if (!untold.some(({ from }) => near(from))) return 0
  const byLead = Map.groupBy(await claim(tx, orgId, schedule.id, 'gap', untold, now), ({ person }) => person)
  for (const [lead, told] of byLead) {
    const starts = new Set(told.map(({ from }) => from.getTime()))
    const news = open.filter(({ from }) => starts.has(from.getTime()))
    await tellPeople(tx, orgId, [lead], gapMessage(schedule, news, now))
  }
  return byLead.size
}

function shiftMessage(schedule: StoredSchedule, { to, next }: Current, now: Date): Outcome {
  const { name, timeZone, selfNamed } = schedule
  const until = to ? ` until ${time(timeZone, to, now)} (${timeZone})` : ''
  const after = to ? ` Next: ${next ? nameOf(schedule, next) : 'nobody'}.` : ''
  const authors = next && selfNamed.includes(next) ? [next] : []
  const text = `You are on call for ${name}${until}.${after}`
  return { parts: [{ kind: 'sentence', label: plain, authors, text }] }
}

function gapMessage({ name, timeZone }: StoredSchedule, news: Shift[], now: Date): Outcome {
  const shown = news.map((gap) => (gap.from < now ? { ...gap, from: now } : gap))
  const { from, to } = shown[0]!
  const begins = from <= now ? 'now' : `from ${time(timeZone, from, now)}`
  // A gap that reaches as far as one looks has no end that could be named.
  const isLong = to.getTime() >= now.getTime() + tellWith
  const ends = isLong ? 'for the next 14 days at least' : `until ${time(timeZone, to, now)}`
  const verb = `schedules cover ${/\s/.test(name) ? `"${name}"` : name}`
  const cover = `${verb} ${typed(timeZone, from)} ${typed(timeZone, to)} @somebody`
  const text = `Nobody is on call for ${name} ${begins}, ${ends} (${timeZone}). To change that: ${cover}`
  const title = 'Nobody is on call in the next 14 days'
  const lines = gapLines(timeZone, shown, now)
  return {
    parts: [
      { kind: 'sentence', label: plain, text },
      ...(news.length > 1 ? [{ kind: 'lines' as const, label: plain, title, lines }] : []),
    ],
  }
}

type Notice = { from: Date; person: string }

/** The row is the claim: of several replicas one gets it, and the others wait until its message is there too. */
async function claim(
  tx: Tx,
  orgId: string,
  scheduleId: string,
  kind: 'shift' | 'gap',
  notices: Notice[],
  now: Date,
): Promise<Notice[]> {
  const rows = await tx
    .insertInto('schedule_notices')
    .values(
      notices.map(({ from, person }) => ({
        org_id: orgId,
        schedule_id: scheduleId,
        kind,
        starts_at: from,
        person_id: person,
      })),
    )
    .onConflict((oc) => oc.doNothing())
    .returning(['starts_at', 'person_id'])
    .execute()
  if (rows.length) await forget(tx, orgId, scheduleId, kind, now)
  return rows.map((row) => ({ from: row.starts_at, person: row.person_id }))
}

/** What began so long ago that nobody would find its beginning any more is not told again either. */
async function forget(tx: Tx, orgId: string, scheduleId: string, kind: 'shift' | 'gap', now: Date) {
  await tx
    .deleteFrom('schedule_notices')
    .where('org_id', '=', orgId)
    .where('schedule_id', '=', scheduleId)
    .where('kind', '=', kind)
    .where('starts_at', '<', new Date(now.getTime() - farthest - day))
    .where('starts_at', '>', longAgo)
    .execute()
}

async function untoldOf(tx: Tx, orgId: string, scheduleId: string, wanted: Notice[]): Promise<Notice[]> {
  if (!wanted.length) return []
  const told = await tx
    .selectFrom('schedule_notices')
    .select(['starts_at', 'person_id'])
    .where('org_id', '=', orgId)
    .where('schedule_id', '=', scheduleId)
    .where('kind', '=', 'gap')
    .where('starts_at', 'in', [...new Set(wanted.map(({ from }) => from))])
    .execute()
  const keys = new Set(told.map((row) => `${row.person_id} ${row.starts_at.getTime()}`))
  return wanted.filter(({ from, person }) => !keys.has(`${person} ${from.getTime()}`))
}
