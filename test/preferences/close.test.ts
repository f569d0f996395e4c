import { afterEach, beforeEach, expect, test } from 'vitest'
import { enqueue } from '../../src/core/outbox.ts'
import { closePages } from '../../src/core/pages/close.ts'
import { mergePeople } from '../../src/core/people.ts'
import { savePreferences } from '../../src/core/preferences/save.ts'
import { uuid } from '../../src/db/uuid.ts'
import { createWorld, type World } from '../people/support.ts'

let world: World
let ida: string
beforeEach(async () => {
  world = await createWorld()
  ida = await world.person('Ida Torres')
})
afterEach(() => world.close())

/** A page with one delivery in each of the states, in Slack or elsewhere. */
async function page(states: string[], at = world.slack.id): Promise<string> {
  const pageId = uuid()
  await world.owner
    .insertInto('pages')
    .values({
      org_id: world.orgId,
      id: pageId,
      incident_id: null,
      escalation_id: null,
      round: null,
      step: null,
      sender_id: ida,
      body: 'Come',
      closed_at: null,
      closed_by: null,
      closed_as: null,
    })
    .execute()
  for (const [index, state] of states.entries()) {
    const [id] = await world.within(({ tx, orgId }) =>
      enqueue(tx, orgId, [
        {
          workspaceId: at,
          route: { type: 'person', user: `U${index}` },
          notification: { type: 'page', page: { why: 'Paged.', by: 'Ida', text: 'Come' } },
          urgency: 0,
          pageId,
          personId: ida,
        },
      ]),
    )
    await world.owner
      .updateTable('deliveries')
      .set({ state: state as 'queued' })
      .where('id', '=', id!)
      .execute()
  }
  return pageId
}
const close = (pageId: string) =>
  world.within(({ tx, orgId, now }) =>
    closePages(tx, orgId, { pageId }, { as: 'acknowledged', by: ida, at: now }),
  )
const rows = () =>
  world.owner
    .selectFrom('deliveries')
    .select(['id', 'state', 'cancelled', 'error', 'lane_id', 'urgency', 'notification', 'page_id'])
    .orderBy('sequence')
    .execute()

test('what was not sent is withdrawn, what is being sent is not tried again, what stands is brought up to date', async () => {
  const pageId = await page(['waiting', 'queued', 'sending', 'sent', 'dead'])
  expect(await close(pageId)).toEqual([pageId])
  const [waiting, queued, sending, sent, dead, ...updates] = await rows()
  for (const row of [waiting, queued]) {
    expect(row).toMatchObject({ state: 'withdrawn', error: 'acknowledged', cancelled: false })
  }
  expect(sending).toMatchObject({ state: 'sending', cancelled: true })
  expect(sent).toMatchObject({ state: 'sent', cancelled: false })
  expect(dead).toMatchObject({ state: 'dead', cancelled: false })
  // In the lane of its page, so that it comes after it.
  expect(updates.map(({ lane_id }) => lane_id).sort()).toEqual([sending!.lane_id, sent!.lane_id].sort())
  for (const update of updates) {
    const of = [sending!, sent!].find(({ lane_id }) => lane_id === update.lane_id)!
    expect(update).toMatchObject({ state: 'queued', urgency: 3, page_id: null })
    expect(update.notification).toEqual({
      type: 'page_update',
      delivery: of.id,
      route: (of.notification as unknown as { route: object }).route,
    })
  }
  const closed = await world.owner.selectFrom('pages').selectAll().executeTakeFirstOrThrow()
  expect(closed).toMatchObject({ closed_as: 'acknowledged', closed_by: ida })
})

test('a page is closed once, and no other page with it', async () => {
  const [first, second] = [await page(['queued']), await page(['queued'])]
  const closed = await Promise.all([close(first), close(first), close(first)])
  expect(closed.flat()).toEqual([first])
  expect((await rows()).map(({ state }) => state)).toEqual(['withdrawn', 'queued'])
  expect(await close(second)).toEqual([second])
})

test('an e-mail and a text message stay as they are', async () => {
  const id = uuid()
  await world.owner
    .insertInto('workspaces')
    .values({
      org_id: world.orgId,
      id,
      platform: 'email',
      external_id: world.orgId,
      name: 'E-mail',
      credentials: null,
    })
    .execute()
  await close(await page(['sent', 'queued'], id))
  expect((await rows()).map(({ state }) => state)).toEqual(['sent', 'withdrawn'])
})

test('two accounts that become one person keep what was said of how they are told', async () => {
  const former = await world.person('Ida')
  const low = [{ route: 'email', afterSeconds: 0 }]
  await world.within(({ tx, orgId }) => savePreferences(tx, orgId, former, { low }))
  await world.within(({ tx, orgId }) => mergePeople(tx, orgId, former, ida))
  const kept = await world.owner.selectFrom('preferences').selectAll().execute()
  expect(kept).toMatchObject([{ person_id: ida, low }])
})
