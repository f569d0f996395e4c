/** A world with a server of page links, set up for each test file that imports this, and a page that Ida gets. */
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import express from 'express'
import { afterAll, beforeAll, beforeEach } from 'vitest'
import { setCarriers } from '../../src/core/carriers.ts'
import { enqueue, type PageFacts } from '../../src/core/outbox.ts'
import { uuid } from '../../src/db/uuid.ts'
import { mountPageLinks, pageLinkFor } from '../../src/http/page-link.ts'
import { findOperation, registry } from '../../src/operations/registry.ts'
import { createWorld, type World } from '../people/support.ts'

export const secret = 'a-secret-for-tests-alone'
export let world: World
let server: Server
export let base: string
export let ida: string
export let woken = 0
export const operations = [...registry]

beforeAll(async () => {
  world = await createWorld()
  const app = express()
  mountPageLinks(app, { db: world.db, registry: operations, secret, wake: () => woken++ })
  server = app.listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  await world.within(({ tx, orgId }) => setCarriers(tx, orgId, ['email', 'sms']))
})
afterAll(async () => {
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
  await world.close()
})
beforeEach(async () => {
  ida = await world.person('Ida <b>Torres</b>', { department: 'IT', rank: 'oncall_engineer' })
  woken = 0
})

/** A new incident and the page of it that Ida gets. */
export async function paged(options: { title?: string; carrier?: 'email' | 'sms' } = {}) {
  const { title = 'Checkout is down', carrier = 'email' } = options
  const reporter = await world.person('Pat', { department: 'OPS' })
  await world.as(reporter, findOperation('create_incident')!, { title })
  const incident = await world.owner
    .selectFrom('incidents')
    .selectAll()
    .orderBy('number', 'desc')
    .limit(1)
    .executeTakeFirstOrThrow()
  const { key, id, version, priority } = incident
  const facts: PageFacts = {
    incident: { id, key, title, priority, version },
    why: 'You are on call for payments.',
  }
  const pageId = uuid()
  const link = await world.within(async ({ tx, orgId }) => {
    await tx
      .insertInto('pages')
      .values({
        org_id: orgId,
        id: pageId,
        incident_id: id,
        escalation_id: null,
        round: null,
        step: null,
        sender_id: null,
        body: null,
        closed_at: null,
        closed_by: null,
        closed_as: null,
      })
      .execute()
    const workspace = await tx
      .selectFrom('workspaces')
      .select('id')
      .where('platform', '=', carrier)
      .executeTakeFirstOrThrow()
    const [delivery] = await enqueue(tx, orgId, [
      {
        workspaceId: workspace.id,
        route: { type: 'person', user: `${ida}@example.com` },
        notification: { type: 'page', page: facts },
        urgency: 0,
        incidentId: id,
        pageId,
        personId: ida,
      },
    ])
    return pageLinkFor(base, secret)(delivery!)
  })
  return { link, key, pageId, incidentId: id }
}

export const get = async (link: string, method = 'GET') => {
  const response = await fetch(link, { method, redirect: 'manual' })
  return { status: response.status, headers: response.headers, text: await response.text() }
}
export const press = async (link: string, action: string) => {
  const response = await fetch(link, {
    method: 'POST',
    body: new URLSearchParams({ action }),
    redirect: 'manual',
  })
  return { status: response.status, headers: response.headers, text: await response.text() }
}
export const incidentNow = (key: string) =>
  world.owner
    .selectFrom('incidents')
    .select(['status', 'acknowledged_by', 'version'])
    .where('key', '=', key)
    .executeTakeFirstOrThrow()
