import type { Search } from '../core/find-people/claim.ts'
import { identify } from '../core/identities.ts'
import type { Db } from '../db/pool.ts'
import { isTocsinError } from '../errors.ts'
import type { Platform, Profile, WorkspaceRef } from '../ports/platform.ts'

export type Finder = {
  db: Db
  platform: Platform
  adminEmails: string[]
  /** How long the platform may take to answer. */
  timeoutMs: number
  /** Joining takes a lock on all people: several at once would only hold connections that others need. */
  inTurn: <T>(join: () => Promise<T>) => Promise<T>
}

export type Found =
  | { outcome: 'found' | 'nobody' | 'stopped' }
  /** The platform lets nobody be found by an address. */
  | { outcome: 'refused'; reason: string }
  | { outcome: 'failed'; error: unknown; afterMs?: number }

/**
 * Asks the platform for one person: for the account that the configuration file names, else by the e-mail address.
 * What it answers goes through `identify`, by the same rules as if they had spoken; nobody but a full member leaves
 * anything behind. Ends soon after `stopping` aborts, whatever the platform does.
 */
export async function findPerson(
  finder: Finder,
  workspace: WorkspaceRef,
  search: Search,
  stopping: AbortSignal,
): Promise<Found> {
  const { platform } = finder
  const { account, email } = search
  const asked = <T>(work: () => Promise<T>) => answered(work, finder.timeoutMs, stopping)
  try {
    if (account) {
      const profile = await asked(() => platform.profile(workspace, account))
      if (await isJoined(finder, workspace, search, profile)) return { outcome: 'found' }
    }
    if (email && platform.findByEmail) {
      const profile = await asked(() => platform.findByEmail!(workspace, email))
      // Another address than the one asked for is no answer: who has it is found when they speak.
      const same = profile?.email?.trim().toLowerCase() === email
      if (same && (await isJoined(finder, workspace, search, profile))) return { outcome: 'found' }
    }
    return { outcome: 'nobody' }
  } catch (error) {
    if (stopping.aborted) return { outcome: 'stopped' }
    if (!isTocsinError(error)) return { outcome: 'failed', error }
    if (error.kind === 'denied') return { outcome: 'refused', reason: error.message }
    return { outcome: 'failed', error, afterMs: error.detail.afterMs }
  }
}

async function isJoined(
  { db, adminEmails, inTurn }: Finder,
  workspace: WorkspaceRef,
  { personId }: Search,
  profile: Profile,
): Promise<boolean> {
  if (profile.kind !== 'member') return false
  const options = { adminEmails, anew: true }
  const identified = await inTurn(() => identify(db, workspace, profile.user, async () => profile, options))
  return identified.kind === 'person' && identified.personId === personId
}

/** Rejects when the answer takes longer than `ms`, or when `stopping` aborts. */
async function answered<T>(work: () => Promise<T>, ms: number, stopping: AbortSignal): Promise<T> {
  stopping.throwIfAborted()
  const { promise: cut, reject } = Promise.withResolvers<never>()
  const stop = () => reject(stopping.reason)
  const timer = setTimeout(() => reject(new Error(`no answer within ${ms} ms`)), ms)
  stopping.addEventListener('abort', stop)
  try {
    return await Promise.race([work(), cut])
  } finally {
    clearTimeout(timer)
    stopping.removeEventListener('abort', stop)
  }
}
