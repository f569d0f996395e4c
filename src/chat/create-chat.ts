import { setTimeout as delay } from 'node:timers/promises'
import { sql } from 'kysely'
import { completeInbox, type InboxRow, inboxLeaseSeconds, releaseInbox, renewInbox } from '../core/inbox.ts'
import { loadStanding } from '../core/standing.ts'
import { inOrg } from '../db/pool.ts'
import { uuid } from '../db/uuid.ts'
import { faultCard } from '../messages/refusal-card.ts'
import { mayUse } from '../operations/help.ts'
import type { PlatformName, WorkspaceRef } from '../ports/platform.ts'
import { completeWith } from './answer.ts'
import type { Chat } from './chat.ts'
import type { ChatContext } from './context.ts'
import { dispatch } from './dispatch.ts'
import { createReceiver, rowOf } from './receiver.ts'
import { whoIs } from './sender.ts'
import { submit } from './submit.ts'

/** Worked at once in this process; what comes beyond it is stored for whichever replica has time. */
const mostAtOnce = 8
const mostHeld = 200
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
  const held = new Map<string, InboxRow>()
  const chains = new Map<string, Promise<void>>()
  const ready: (() => Promise<void>)[] = []
  const stopping = new AbortController()
  let running = 0
  let draining = false
  const receiver = createReceiver(db, () => held.size < mostHeld && !draining)

  // A row in work must not look abandoned; three renewals fit into a lease.
  const renewal = setInterval(
    () => {
      if (held.size)
        renewInbox(db, [...held.values()]).catch((error) =>
          log.warn({ err: error }, 'leases were not renewed'),
        )
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
      select * from find_workspace(${platform}, ${externalId})`.execute(db.engine)
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
    const signal = AbortSignal.any([stopping.signal, AbortSignal.timeout(workTimeoutMs)])
    try {
      await dispatch(context, ref, inbound, row, signal)
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

  /** One sender's rows in the order they came; different senders side by side. */
  function hold(row: InboxRow): void {
    held.set(row.id, row)
    const sender = `${row.workspaceId} ${row.sender}`
    const mine = (chains.get(sender) ?? Promise.resolve()).then(() => slot(row))
    chains.set(sender, mine)
    void mine.finally(() => {
      if (chains.get(sender) === mine) chains.delete(sender)
    })
  }

  function slot(row: InboxRow): Promise<void> {
    return new Promise((done) => {
      ready.push(async () => {
        try {
          if (!draining) {
            await work(row)
            held.delete(row.id)
          }
        } catch (error) {
          held.delete(row.id)
          log.warn({ err: error, inbox: row.id, org: row.orgId }, 'an inbox row failed and is tried again')
          await releaseInbox(db, [row]).catch(() =>
            log.warn({ inbox: row.id }, 'its lease runs out by itself'),
          )
        } finally {
          done()
        }
      })
      next()
    })
  }

  function next(): void {
    if (running >= mostAtOnce) return
    const task = ready.shift()
    if (!task) return
    running++
    void task().finally(() => {
      running--
      next()
    })
  }

  return {
    workspace,
    ensureWorkspace,
    work,
    submit: (ref, eventId, inbound) => submit(context, ref, eventId, inbound),
    async receive(arrival) {
      const { id, leased } = await receiver.store(arrival)
      if (id === undefined) return 'duplicate'
      if (leased) hold(rowOf(arrival, id))
      return 'stored'
    },
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
      const finished = Promise.all(chains.values())
      await Promise.race([finished, delay(ms, undefined, { ref: false })])
      stopping.abort()
      clearInterval(renewal)
      await releaseInbox(db, [...held.values()])
    },
  }
}
