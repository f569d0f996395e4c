import { Client } from 'pg'
import { enqueue, type NewDelivery, type Notification } from '../../src/core/outbox.ts'
import { type Db, inOrg, openDb } from '../../src/db/pool.ts'
import { uuid } from '../../src/db/uuid.ts'
import { createEngine, type Engine, type EngineOptions } from '../../src/engine/engine.ts'
import { createLogger } from '../../src/log.ts'
import type { Card } from '../../src/messages/card.ts'
import type { DeliveryResult, Outgoing, Platform, Route } from '../../src/ports/platform.ts'
import { createDatabase } from '../support/database.ts'

export const card = (summary: string): Card => ({ summary, blocks: [{ type: 'text', text: summary }] })
export const answer = (summary: string): Notification => ({ type: 'answer', card: card(summary) })
export const channel = (name: string): Route => ({ type: 'channel', channel: name })

export const summaryOf = ({ content }: Outgoing): string => {
  if (content.type === 'form') return content.form.title
  return 'card' in content ? content.card.summary : content.name
}

export type Fault = (outgoing: Outgoing, signal: AbortSignal) => Promise<DeliveryResult | undefined>

/** The vendor's side: remembers what it took, in order, and does what `fault` says instead where it says something. */
export function recordingPlatform(paceMs = 0) {
  const taken: { at: number; outgoing: Outgoing; text: string }[] = []
  const calls: Outgoing[] = []
  const control = { fault: (async () => undefined) as Fault }
  const platform: Platform = {
    name: 'slack',
    paceMs,
    profile: async (_workspace, user) => ({ user, name: user, kind: 'member' }),
    async deliver(_workspace, outgoing, signal) {
      calls.push(outgoing)
      const faulty = await control.fault(outgoing, signal)
      if (faulty) return faulty
      taken.push({ at: Date.now(), outgoing, text: summaryOf(outgoing) })
      const { route, content } = outgoing
      const place = route.type === 'person' ? `D-${route.user}` : route.channel
      const receipt =
        content.type === 'update' ? content.message : { channel: place, message: `ts-${outgoing.id}` }
      return { ok: true, receipt }
    },
  }
  return { platform, taken, calls, control, texts: () => taken.map((one) => one.text) }
}

export type World = Awaited<ReturnType<typeof createWorld>>

/** A database with one organisation, one Slack workspace and one incident, and engines on it. */
export async function createWorld() {
  const database = await createDatabase()
  const db = openDb(database.url)
  const owner = new Client({ connectionString: database.url })
  await owner.connect()
  const ids = { org: uuid(), workspace: uuid(), incident: uuid(), person: uuid() }
  await owner.query('insert into organizations (org_id, name) values ($1, $2)', [ids.org, 'Example'])
  await owner.query(
    `insert into workspaces (org_id, id, platform, external_id, name) values ($1, $2, 'slack', 'T1', 'x')`,
    [ids.org, ids.workspace],
  )
  await owner.query(`insert into people (org_id, id, name) values ($1, $2, 'Ida')`, [ids.org, ids.person])
  await owner.query(
    `insert into identities (org_id, workspace_id, external_id, person_id, name, kind)
     values ($1, $2, 'U1', $3, 'Ida', 'member')`,
    [ids.org, ids.workspace, ids.person],
  )
  await owner.query(
    `insert into incidents (org_id, id, number, title, priority) values ($1, $2, 1, 'Checkout is down', 'P1')`,
    [ids.org, ids.incident],
  )
  const engines: Engine[] = []
  const dbs: Db[] = []
  return {
    db,
    owner,
    ids,
    url: database.url,
    /** Writes into the outbox, in one transaction. */
    put: (deliveries: (Partial<NewDelivery> & { route: Route; notification: Notification })[]) =>
      inOrg(db, ids.org, ({ tx }) =>
        enqueue(
          tx,
          ids.org,
          deliveries.map((one) => ({ workspaceId: ids.workspace, urgency: 2, ...one })),
        ),
      ),
    /** Another replica, with connections of its own. */
    engine(platform: Platform | undefined, options: Partial<EngineOptions> = {}): Engine {
      const own = openDb(database.url)
      dbs.push(own)
      const engine = createEngine({
        db: own,
        platforms: new Map(platform ? [[platform.name, platform]] : []),
        work: async () => undefined,
        renderIncident: async ({ tx }, incidentId) => {
          const { version, title } = await tx
            .selectFrom('incidents')
            .select(['version', 'title'])
            .where('id', '=', incidentId)
            .executeTakeFirstOrThrow()
          return { card: card(`${title} v${version}`), version }
        },
        renderOutcome: async (_scope, outcome) =>
          card(outcome.parts.map((part) => (part.kind === 'sentence' ? part.text : '')).join('')),
        log: createLogger('silent'),
        ...options,
      })
      engines.push(engine)
      return engine
    },
    /** What the owner sees, whatever the row-level security. */
    async rows<T>(text: string, values: unknown[] = []): Promise<T[]> {
      return (await owner.query(text, values)).rows as T[]
    },
    async close() {
      await Promise.all(engines.map((engine) => engine.stop()))
      await Promise.all([db.close(), ...dbs.map((one) => one.close())])
      await owner.end()
      await database.drop()
    },
  }
}

/** Waits for it; says what was there instead when it does not come. */
export async function until(what: () => boolean | Promise<boolean>, ms = 8_000, say?: () => unknown) {
  const end = Date.now() + ms
  while (!(await what())) {
    if (Date.now() > end) throw new Error(`did not happen within ${ms} ms: ${JSON.stringify(say?.())}`)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}
