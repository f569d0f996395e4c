/** What must be true of every escalation after any fault: each step once, every page there, none twice. */
import { expect } from 'vitest'
import type { World } from '../durability/world.ts'
import { stepsOfClimbing } from './cluster.ts'

type Climb = {
  key: string
  acknowledged: boolean
  state: string
  pages: { round: number; step: number }[]
  audits: number
}

/** Escalations with a step that is due and not taken, and pages that are not sent: empty once all is caught up. */
export const behind = (world: World) =>
  world.sql<{ what: string; key: string; state: string }>(`
    select 'step ' || e.step as what, i.key, e.state from escalations e
      join incidents i on i.org_id = e.org_id and i.id = e.incident_id
      where e.state = 'running' and e.due_at <= (select tocsin_now())
    union all
    select 'page ' || (d.notification -> 'route' ->> 'type'), i.key, d.state from deliveries d
      join incidents i on i.org_id = d.org_id and i.id = d.incident_id
      where d.notification ->> 'type' = 'page' and d.state in ('queued', 'sending')`)

/** @param steps that every escalation must have taken which nobody has acknowledged. */
export async function expectClimbed(
  world: World,
  steps = stepsOfClimbing,
): Promise<{ pages: number; sent: number }> {
  const climbs = await world.sql<Climb>(`select i.key, e.state, i.acknowledged_at is not null as acknowledged,
      (select coalesce(jsonb_agg(jsonb_build_object('round', p.round, 'step', p.step) order by p.round, p.step), '[]')
        from pages p where p.org_id = e.org_id and p.escalation_id = e.id) as pages,
      (select count(*)::int from audit a where a.incident_id = i.id and a.operation = 'escalation_step') as audits
    from escalations e join incidents i on i.org_id = e.org_id and i.id = e.incident_id`)
  expect(climbs.length).toBeGreaterThan(0)
  let pages = 0
  for (const { key, acknowledged, pages: taken, audits } of climbs) {
    const rows = taken.map(({ round, step }) => `${round}.${step}`)
    expect(rows, `${key}: its steps, in order and without a gap`).toEqual(
      rows.map((_, index) => `1.${index}`),
    )
    expect(audits, `${key}: each step is in the timeline once`).toBe(rows.length)
    if (!acknowledged) expect(rows.length, `${key}: no step is lost`).toBe(steps)
    pages += rows.length
  }
  return { pages, sent: await expectDelivered(world) }
}

/** A page is sent, and stands at its reader once; one that was taken back stands there at most once. */
async function expectDelivered({ sql, slack }: World): Promise<number> {
  const rows = await sql<{ id: string; key: string; state: string; error: string | null; open: boolean }>(
    `select d.id, i.key, d.state, d.error, p.closed_at is null as open from deliveries d
      join incidents i on i.org_id = d.org_id and i.id = d.incident_id
      join pages p on p.org_id = d.org_id and p.id = d.page_id
      where d.notification ->> 'type' = 'page'`,
  )
  const standing = new Map<string, number>()
  for (const { metadata } of slack.state.messages) {
    const id = (metadata?.event_payload as { id?: string } | undefined)?.id
    if (id) standing.set(id, (standing.get(id) ?? 0) + 1)
  }
  for (const { id, key, state, error, open } of rows) {
    const count = standing.get(id) ?? 0
    if (open)
      expect({ state, error, count }, `a page of ${key}`).toEqual({ state: 'sent', error: null, count: 1 })
    else if (state === 'sent') expect(count, `a page of ${key} that was sent`).toBe(1)
    else expect({ state, once: count <= 1 }, `a page of ${key}`).toEqual({ state: 'withdrawn', once: true })
  }
  return rows.filter(({ state }) => state === 'sent').length
}
