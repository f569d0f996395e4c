import { createHash, randomBytes } from 'node:crypto'
import { sql } from 'kysely'
import { type Db, inOrg, type Tx } from '../../db/pool.ts'
import { loadStanding } from '../standing.ts'
import { loadSchedules, nameOf } from './load.ts'
import { shifts } from './schedule.ts'
import { day } from './zone.ts'

/** The days that a calendar shows, back and ahead. */
const past = 30
const ahead = 90

const hashOf = (token: string) => createHash('sha256').update(`calendar ${token}`).digest()

/**
 * A new calendar token of a person: for one schedule, or (null) for their own shifts in all. The one before it ends.
 * @returns the token, 256 random bits, which is stored nowhere.
 */
export async function giveToken(
  tx: Tx,
  orgId: string,
  personId: string,
  scheduleId: string | null,
): Promise<string> {
  const token = randomBytes(32).toString('base64url')
  await tx
    .insertInto('calendar_tokens')
    .values({ org_id: orgId, token_hash: hashOf(token), person_id: personId, schedule_id: scheduleId })
    .onConflict((oc) =>
      oc.columns(['org_id', 'person_id', 'schedule_id']).doUpdateSet((eb) => ({
        token_hash: eb.ref('excluded.token_hash'),
        created_at: sql<Date>`clock_timestamp()`,
      })),
    )
    .execute()
  return token
}

/** One shift; `person` where the calendar is everybody's. */
export type Entry = {
  scheduleId: string
  schedule: string
  person?: string
  personId: string
  from: Date
  to: Date
}

export type Calendar = { name: string; entries: Entry[] }

/**
 * What a calendar token shows: undefined for a wrong one, and for one whose owner has no access any more. Whole days
 * are counted in UTC, so that the same day gives the same calendar.
 */
export async function readCalendar(db: Db, token: string): Promise<Calendar | undefined> {
  const hash = hashOf(token)
  const { rows } = await sql<{ org_id: string }>`select org_id from find_calendar(${hash})`.execute(db.app)
  const orgId = rows[0]?.org_id
  if (!orgId) return undefined
  return inOrg(db, orgId, async ({ tx, now }) => {
    const given = await tx
      .selectFrom('calendar_tokens')
      .select(['person_id', 'schedule_id'])
      .where('org_id', '=', orgId)
      .where('token_hash', '=', hash)
      .executeTakeFirst()
    const owner = given && (await loadStanding(tx, orgId, given.person_id))
    if (!owner?.holdings.has('view_incident')) return undefined
    const today = Math.floor(now.getTime() / day) * day
    const [from, until] = [new Date(today - past * day), new Date(today + (ahead + 1) * day)]
    const which = given!.schedule_id ? { ids: [given!.schedule_id] } : {}
    const schedules = await loadSchedules(tx, orgId, { from, until }, which)
    const entries = schedules.flatMap((schedule) =>
      shifts(schedule, from, until).flatMap(({ person, ...when }): Entry[] => {
        if (!person || (!given!.schedule_id && person !== owner.personId)) return []
        const shared = given!.schedule_id ? { person: nameOf(schedule, person) } : {}
        return [{ scheduleId: schedule.id, schedule: schedule.name, personId: person, ...shared, ...when }]
      }),
    )
    const name = given!.schedule_id ? `On call: ${schedules[0]!.name}` : `On call: ${owner.name}`
    return { name, entries }
  })
}
