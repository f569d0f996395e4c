import { setTimeout as delay } from 'node:timers/promises'
import { sql } from 'kysely'
import type { TurnRequest } from '../agent/agent.ts'
import { completeInbox, type InboxRow, inboxLeaseSeconds, releaseInbox, renewInbox } from '../core/inbox.ts'
import { loadStanding } from '../core/standing.ts'
import { inOrg } from '../db/pool.ts'
import { uuid } from '../db/uuid.ts'
import { faultCard } from '../messages/refusal-card.ts'
import { mayUse } from '../operations/help.ts'
import type { PlatformName, WorkspaceRef } from '../ports/platform.ts'
import { act, view } from './act.ts'
import { completeWith } from './answer.ts'
import type { Chat } from './chat.ts'
import type { ChatContext } from './context.ts'
import { dispatch } from './dispatch.ts'
import { findIncidents } from './find-incidents.ts'
import { formFor } from './open-form.ts'
import { createReceiver } from './receiver.ts'
import { createRowQueue } from './row-queue.ts'
import { whoIs } from './sender.ts'
import { submit } from './submit.ts'

/** Worked at once in this process; what comes beyond it is stored for whichever replica has time. */
const mostAtOnce = 8
const mostHeld = 200
/** Turns of the agent that wait for a model at once, besides those. */
const mostTurns = 64
/** An unexpected error is tried this often; then the asker is told that nothing was done. */
export const inboxAttempts = 5
/** A turn of the agent is the longest thing that a row can take. */
const workTimeoutMs = 90_000

export type RunningChat = Chat & {
  /** Works one stored row, for the engine that takes over what a dead process left. */
  work(row: InboxRow): Promise<void>
  /** Finishes what is being worked, hands the rest back; at most `ms`. */
  drain(ms: number): Promise<void>
}

/** @param orgId the one configured organisation, which configured workspaces join. */
export function createChat(context: ChatContext, orgId: string): RunningChat {
  const { db, log } = context
  const workspaces = new Map<string, WorkspaceRef>()
  const stopping = new AbortController()
  let draining = false
  const queue = createRowQueue({ work, failed, most: mostAtOnce, mostApart: mostTurns })
  const receiver = createReceiver(db, {
    mayLease: () => {
      const { here, apart } = queue.counts()
      return here < mostHeld && apart < 10 * mostTurns && !draining
    },
    work: queue.add,
  })
  const { agent } = context
  // Verbs and buttons do their work however slow a model is: nobody's wait for a turn, not even the asker's own.
  const inside: ChatContext = agent.speaks
    ? { ...context, agent: { ...agent, turn: (request) => queue.apart(request.turnId, () => turn(request)) } }
    : context
  const turn = (request: TurnRequest) => agent.turn({ ...request, signal: working() })
  const working = () => AbortSignal.any([stopping.signal, AbortSignal.timeout(workTimeoutMs)])

  // A row in work must not look abandoned; three renewals fit into a lease.
  const renewal = setInterval(
    () => {
      const held = queue.held()
      if (held.length)
        renewInbox(db, held).catch((error) => log.warn({ err: error }, 'leases were not renewed'))
    },
    (inboxLeaseSeconds * 1000) / 3,
  )
  renewal.unref()

  const remember = (ref: WorkspaceRef) => {
    workspaces.set(`${ref.platform}:${ref.externalId}`, ref)
    workspaces.set(ref.id, ref)
    return ref
  }

  async function workspace(platform: PlatformName, externalId: string): Promise<WorkspaceRef | undefined> {
    const known = workspaces.get(`${platform}:${externalId}`)
    if (known) return known
    const { rows } = await sql<{ org_id: string; id: string }>`
      select * from find_workspace(${platform}, ${externalId})`.execute(db.intake)
    const row = rows[0]
    return row && remember({ orgId: row.org_id, id: row.id, platform, externalId })
  }

  async function workspaceById(row: InboxRow): Promise<WorkspaceRef> {
    const known = workspaces.get(row.workspaceId)
    if (known) return known
    const found = await inOrg(db, row.orgId, ({ tx }) =>
      tx
        .selectFrom('workspaces')
        .select(['platform', 'external_id'])
        .where('org_id', '=', row.orgId)
        .where('id', '=', row.workspaceId)
        // Something came in: it is a chat.
        .$narrowType<{ platform: PlatformName }>()
        .executeTakeFirstOrThrow(),
    )
    return remember({
      orgId: row.orgId,
      id: row.workspaceId,
      platform: found.platform,
      externalId: found.external_id,
    })
  }

  async function ensureWorkspace(
    platform: PlatformName,
    externalId: string,
    name: string,
  ): Promise<WorkspaceRef> {
    await inOrg(db, orgId, ({ tx }) =>
      tx
        .insertInto('workspaces')
        .values({ org_id: orgId, id: uuid(), platform, external_id: externalId, name, credentials: null })
        .onConflict((oc) => oc.columns(['platform', 'external_id']).doNothing())
        .execute(),
    )
    const ref = await workspace(platform, externalId)
    if (!ref) throw new Error(`the ${platform} workspace ${externalId} could not be stored`)
    if (ref.orgId !== orgId)
      throw new Error(`the ${platform} workspace ${externalId} belongs to another organisation`)
    return ref
  }

  async function work(row: InboxRow): Promise<void> {
    const ref = await workspaceById(row)
    const adapter = context.adapters.get(ref.platform)
    if (!adapter) throw new Error(`there is no ${ref.platform} here to read it`)
    const inbound = await adapter.read(ref, row.payload)
    if (!inbound || inbound.kind === 'submission') {
      await inOrg(db, row.orgId, ({ tx }) => completeInbox(tx, row.orgId, row.id))
      return
    }
    try {
      await dispatch(inside, ref, inbound, row, working())
    } catch (error) {
      if (row.attempts < inboxAttempts || stopping.signal.aborted) throw error
      log.error({ err: error, inbox: row.id, org: row.orgId }, 'an inbox row failed for good')
      const audience = {
        workspace: ref,
        user: inbound.user,
        reply: inbound.reply,
        ...inbound.place,
        sharedOutside: false,
        clearance: [],
        inboxId: row.id,
      }
      await completeWith(db, audience, { card: faultCard() })
      context.wakeDelivery()
    }
  }

  async function failed(row: InboxRow, error: unknown): Promise<void> {
    log.warn({ err: error, inbox: row.id, org: row.orgId }, 'an inbox row failed and is tried again')
    await releaseInbox(db, [row]).catch(() => log.warn({ inbox: row.id }, 'its lease runs out by itself'))
  }

  return {
    workspace,
    ensureWorkspace,
    work,
    submit: (ref, eventId, inbound) => submit(context, ref, eventId, inbound),
    act: (ref, eventId, inbound) => act(context, ref, eventId, inbound),
    view: (ref, sender, incident) => view(context, ref, sender, incident),
    form: (ref, sender, name, values) => formFor(context, ref, sender, name, values),
    find: (ref, sender, words) => findIncidents(context, ref, sender, words),
    receive: async (arrival) => ((await receiver.store(arrival)) ? 'stored' : 'duplicate'),
    async verbsFor(ref, user) {
      const person = await whoIs(context, ref, user)
      if (person.kind === 'stranger') return []
      const standing = await inOrg(db, ref.orgId, ({ tx }) => loadStanding(tx, ref.orgId, person.personId))
      if (!standing) return []
      return context.registry
        .filter((operation) => operation.verb && mayUse(standing, operation))
        .map((operation) => ({ usage: operation.verb!.usage, summary: operation.summary }))
    },
    async drain(ms) {
      draining = true
      await Promise.race([queue.end(), delay(ms, undefined, { ref: false })])
      stopping.abort()
      clearInterval(renewal)
      await releaseInbox(db, queue.held())
    },
  }
}
