import { afterEach, beforeEach, expect, test } from 'vitest'
import { loadDeliveryParts, loadDeliveryStory } from '../../src/core/delivery-status.ts'
import { type Notification, urgency } from '../../src/core/outbox.ts'
import type { Part } from '../../src/core/outcome.ts'
import { inOrg, type Tx } from '../../src/db/pool.ts'
import { uuid } from '../../src/db/uuid.ts'
import { deliveriesText } from '../../src/messages/delivery-words.ts'
import { words } from '../../src/messages/plain-text.ts'
import { entrySentence } from '../../src/messages/wording.ts'
import { answer, channel, createWorld, type World } from '../engine/support.ts'

let world: World
let page: string

beforeEach(async () => {
  world = await createWorld()
  page = uuid()
  await world.rows('insert into pages (org_id, id, incident_id) values ($1, $2, $3)', [
    world.ids.org,
    page,
    world.ids.incident,
  ])
})
afterEach(() => world.close())

const pageTo = async (user: string, more: { workspaceId?: string; laterSeconds?: number } = {}) => {
  const notification: Notification = { type: 'page', page: { why: 'You are on call.' } }
  const [id] = await world.put([
    {
      route: { type: 'person', user },
      notification,
      urgency: urgency.page,
      incidentId: world.ids.incident,
      pageId: page,
      personId: world.ids.person,
      ...more,
    },
  ])
  return id!
}
const set = (id: string, change: string) => world.rows(`update deliveries set ${change} where id = $1`, [id])
const post = async (to: string) =>
  (await world.put([{ route: channel(to), notification: answer('x'), incidentId: world.ids.incident }]))[0]!
const about = (isPrivate = false) => ({
  org_id: world.ids.org,
  id: world.ids.incident,
  private: isPrivate,
})
const inside = <T>(load: (tx: Tx) => Promise<T>) => inOrg(world.db, world.ids.org, ({ tx }) => load(tx))
const parts = (isPrivate = false) => inside((tx) => loadDeliveryParts(tx, about(isPrivate)))
const said = (all: Part[]) =>
  all.map((part) => (part.kind === 'deliveries' ? words(deliveriesText(part)) : part.kind))
const at = `timestamptz '2026-01-05 14:02Z'`

test('nothing is shown where nobody was paged and everything arrived', async () => {
  await set(await post('C0123'), `state = 'sent', settled_at = now()`)
  expect(await parts()).toEqual([])
})

test('a person is shown with each route of their page, in order', async () => {
  const sms = uuid()
  await world.rows(
    `insert into workspaces (org_id, id, platform, external_id, name) values ($1::uuid, $2, 'sms', $1::uuid::text, 'SMS')`,
    [world.ids.org, sms],
  )
  await set(await pageTo('U1'), `state = 'sent', settled_at = ${at}`)
  await set(
    await pageTo('+441632960961', { workspaceId: sms, laterSeconds: 60 }),
    `due_at = ${at} + interval '1 minute'`,
  )
  const shown = await parts()
  expect(said(shown)).toEqual(['Paged  Ida: chat sent 14:02 UTC, sms at 14:03 UTC'])
  expect(shown[0]!.label).toEqual(['view_incident'])
  expect(shown[0]!.authors).toEqual([world.ids.person, world.ids.person])
})

test('each state has its word', async () => {
  const id = await pageTo('U1')
  expect(said(await parts())).toEqual(['Paged  Ida: chat queued'])
  await set(id, `attempts = 2, error = 'internal_error'`)
  expect(said(await parts())).toEqual(['Paged  Ida: chat failed (internal_error), tried again'])
  await world.rows(`update lanes set throttled_until = now() + interval '1 minute'`)
  expect(said(await parts())).toEqual(['Paged  Ida: chat throttled'])
  await set(id, `state = 'withdrawn', settled_at = now()`)
  expect(said(await parts())).toEqual(['Paged  Ida: chat withdrawn'])
  await set(id, `state = 'dead', error = 'user_not_found at https://example.com/secret'`)
  expect(said(await parts())).toEqual(['Paged  Ida: chat dead (user_not_found at an address)'])
})

test('a channel that failed is named with the word dead, one that is slow with throttled', async () => {
  await set(await post('C0123'), `state = 'dead', error = 'channel_not_found', settled_at = ${at}`)
  for (let count = 0; count < 3; count += 1)
    await set(await post('C0999'), `attempts = 1, created_at = now() - interval '40 seconds'`)
  await world.rows(
    `update lanes set throttled_until = now() + interval '1 minute' where destination = 'channel:C0999'`,
  )
  const shown = await parts()
  expect(said(shown)).toEqual([
    'Slack C0999 throttled: 3 wait, the oldest for 40 s · Slack C0123 dead: channel_not_found, 14:02 UTC',
  ])
  expect(shown[0]!.label).toEqual(['view_incident'])
})

test('a webhook is called by its name', async () => {
  const [workspaceId, webhook] = [uuid(), uuid()]
  await world.rows(
    `insert into workspaces (org_id, id, platform, external_id, name) values ($1::uuid, $2, 'webhook', $1::uuid::text, 'w')`,
    [world.ids.org, workspaceId],
  )
  await world.rows(
    `insert into webhooks (org_id, id, name, url, secret, secret_digest) values ($1, $2, 'statuspage', 'https://x', '', '')`,
    [world.ids.org, webhook],
  )
  const [id] = await world.put([
    { route: channel(webhook), notification: answer('x'), incidentId: world.ids.incident, workspaceId },
  ])
  await set(id!, `state = 'dead', error = 'status 410', settled_at = ${at}`)
  expect(said(await parts())).toEqual(['Webhook statuspage dead: status 410, 14:02 UTC'])
})

test('of a private incident everything asks for access to it', async () => {
  await set(await pageTo('U1'), `state = 'sent', settled_at = now()`)
  await set(await post('C0123'), `state = 'dead', settled_at = now()`)
  for (const part of await parts(true)) expect(part.label).toContain(`access_private:${world.ids.incident}`)
})

test('the timeline names deaths where they happened and what is throttled now', async () => {
  await set(await post('C0123'), `state = 'dead', error = 'channel_not_found', settled_at = ${at}`)
  await set(await pageTo('U1'), `state = 'dead', error = 'user_not_found', settled_at = ${at}`)
  await set(await post('C0999'), `attempts = 1, created_at = now() - interval '40 seconds'`)
  await world.rows(
    `update lanes set throttled_until = now() + interval '1 minute' where destination = 'channel:C0999'`,
  )
  const { entries, now } = await inside((tx) => loadDeliveryStory(tx, about()))
  expect(entries.map(({ entry, label }) => [entry.at, entrySentence(entry), label])).toEqual([
    ['2026-01-05T14:02:00.000Z', 'page to Ida by chat dead: user_not_found', ['view_incident']],
    ['2026-01-05T14:02:00.000Z', 'Slack C0123 dead: channel_not_found', ['view_incident']],
  ])
  expect(said(now)).toEqual(['Slack C0999 throttled: 1 waits, the oldest for 40 s'])
})
