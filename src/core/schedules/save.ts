import { sql } from 'kysely'
import type { Tx } from '../../db/pool.ts'
import { uuid } from '../../db/uuid.ts'
import type { WrittenLayer } from './layer.ts'

/** The one spelling that is stored: `Mon 09:00`, `weekly`. */
export const spelt = (layer: WrittenLayer): WrittenLayer => ({
  ...layer,
  rotation: layer.rotation.toLowerCase(),
  handoff: layer.handoff.replace(/^[a-z]+/i, (name) => name[0]!.toUpperCase() + name.slice(1).toLowerCase()),
  hours: layer.hours ?? null,
})

/** Makes the layers of a schedule what is given, in order. */
export async function saveLayers(
  tx: Tx,
  orgId: string,
  scheduleId: string,
  layers: readonly WrittenLayer[],
): Promise<void> {
  await tx.deleteFrom('rotations').where('org_id', '=', orgId).where('schedule_id', '=', scheduleId).execute()
  if (!layers.length) return
  const rows = layers.map(spelt).map(({ start, rotation, handoff, hours, people }, index) => ({
    org_id: orgId,
    schedule_id: scheduleId,
    position: index + 1,
    starts_on: start,
    rotation,
    handoff,
    hours: hours ?? null,
    people: [...people],
  }))
  await tx.insertInto('rotations').values(rows).execute()
}

export type NewOverride = { from: Date; to: Date; person: string }

export async function addOverrides(
  tx: Tx,
  orgId: string,
  scheduleId: string,
  overrides: readonly NewOverride[],
  by: { fromFile: true } | { personId: string },
): Promise<void> {
  if (!overrides.length) return
  const rows = overrides.map(({ from, to, person }) => ({
    org_id: orgId,
    id: uuid(),
    schedule_id: scheduleId,
    person_id: person,
    starts_at: from,
    ends_at: to,
    from_file: 'fromFile' in by,
    created_by: 'personId' in by ? by.personId : null,
  }))
  // One after the other: the newest wins, and they are as old as their order says.
  for (const row of rows) await tx.insertInto('overrides').values(row).execute()
}

/**
 * Two people turned out to be one: turns, covers and what was told go to the one who stays. The calendar links of the
 * other end with them.
 */
export async function moveShifts(tx: Tx, orgId: string, from: string, into: string): Promise<void> {
  await sql`update rotations set people = array_replace(people, ${from}::uuid, ${into}::uuid)
    where org_id = ${orgId} and ${from}::uuid = any(people)`.execute(tx)
  await tx
    .updateTable('overrides')
    .set({ person_id: into })
    .where('org_id', '=', orgId)
    .where('person_id', '=', from)
    .execute()
  for (const table of ['calendar_tokens', 'schedule_notices'] as const) {
    await tx.deleteFrom(table).where('org_id', '=', orgId).where('person_id', '=', from).execute()
  }
}
