import { setTimeout as delay } from 'node:timers/promises'
import { type ClaimedSearches, claimSearches, type Search } from '../core/find-people/claim.ts'
import { settleSearches } from '../core/find-people/settle.ts'
import { type Db, inOrg, type OrgTx } from '../db/pool.ts'
import type { Logger } from '../log.ts'
import type { Carrier, CarrierName, Platform, PlatformName, WorkspaceRef } from '../ports/platform.ts'
import { type Found, findPerson } from './find-person.ts'
import type { Job } from './job.ts'
import { organizationIds } from './organizations.ts'

export type FindPeopleOptions = {
  db: Db
  platforms: Map<CarrierName, Carrier>
  /** First administrators, lower-cased. */
  adminEmails: string[]
  log: Logger
  drainMs: number
  /** How long a platform may take to answer one question. */
  timeoutMs?: number
}

type Claimed = ClaimedSearches & { workspace: WorkspaceRef; now: Date }

/** Failures in a workspace are told this often at most; real time. */
const tellEveryMs = 60_000
/** How long a platform that refuses to find people by their address is not asked for any; business time. */
const refusedForMs = 60 * 60_000

/**
 * Finds the chat accounts of people before they have ever spoken: whoever is on call and has said nothing yet can be
 * paged in the chat all the same.
 */
export function findPeopleJob(options: FindPeopleOptions): Job {
  const { db, log, platforms, adminEmails, drainMs, timeoutMs = 10_000 } = options
  const stopping = new AbortController()
  /** By workspace: one that does not answer keeps no other waiting, and gets no further questions meanwhile. */
  const underWay = new Map<string, { people: number; ended: Promise<void> }>()
  /** By workspace; an entry that is over stays, so that the same refusal is not told again. */
  const refusedUntil = new Map<string, number>()
  /** By workspace: when failures were last told. */
  const toldAt = new Map<string, number>()
  let joined: Promise<unknown> = Promise.resolve()
  const inTurn = <T>(join: () => Promise<T>): Promise<T> => {
    const joining = joined.then(join)
    joined = joining.catch(() => undefined)
    return joining
  }
  const searching = [...platforms.values()].filter(findsPeople)

  async function claim(scope: OrgTx): Promise<Claimed[]> {
    const claimed: Claimed[] = []
    for (const workspace of await workspacesOf(scope, searching)) {
      if (underWay.has(workspace.id)) continue
      const byEmail = scope.now.getTime() >= (refusedUntil.get(workspace.id) ?? 0)
      const taken = await claimSearches(scope, workspace, byEmail)
      if (taken) claimed.push({ ...taken, workspace, now: scope.now })
    }
    return claimed
  }

  async function work({ workspace, leaseId, searches, now }: Claimed): Promise<void> {
    const platform = searching.find(({ name }) => name === workspace.platform)!
    const finder = { db, platform, adminEmails, timeoutMs, inTurn }
    const results = await Promise.all(
      searches.map(async (search) => ({
        search,
        ...(await findPerson(finder, workspace, search, stopping.signal)),
      })),
    )
    const people = (...outcomes: Found['outcome'][]) =>
      results.flatMap(({ outcome, search }) => (outcomes.includes(outcome) ? search.personId : []))
    const facts = { org: workspace.orgId, platform: workspace.platform, workspace: workspace.id }

    const refusal = results.find((result) => result.outcome === 'refused')
    if (refusal) {
      if (!refusedUntil.has(workspace.id))
        log.error({ ...facts, reason: refusal.reason }, 'people are not looked for by their address')
      refusedUntil.set(workspace.id, now.getTime() + refusedForMs)
    } else if (results.some(answeredByEmail)) refusedUntil.delete(workspace.id)
    const failures = results.filter((result) => result.outcome === 'failed')
    if (failures.length && Date.now() - (toldAt.get(workspace.id) ?? 0) > tellEveryMs) {
      toldAt.set(workspace.id, Date.now())
      log.warn(
        { ...facts, failed: failures.length, err: failures[0]!.error },
        'people could not be looked for',
      )
    }
    const found = people('found')
    if (found.length) log.info({ ...facts, found: found.length }, 'found people who have not spoken yet')

    const pauses = failures.flatMap(({ afterMs }) => afterMs ?? [])
    await inOrg(db, workspace.orgId, (scope) =>
      settleSearches(scope, workspace, {
        leaseId,
        nobody: people('nobody'),
        over: people('found', 'refused', 'stopped'),
        afterMs: pauses.length ? Math.max(...pauses) : undefined,
      }),
    )
  }

  function start(claimed: Claimed): void {
    const { id, orgId } = claimed.workspace
    const ended = work(claimed)
      .catch((error) =>
        log.error({ err: error, org: orgId }, 'a search for people failed; it is taken up again'),
      )
      .finally(() => underWay.delete(id))
    underWay.set(id, { people: claimed.searches.length, ended })
  }

  return {
    name: 'find-people',
    schedule: '*/3 * * * * *',
    timeoutMs: 30_000,
    async run(signal) {
      if (!searching.length) return
      const failures: unknown[] = []
      for (const orgId of await organizationIds(db)) {
        if (signal.aborted) return
        try {
          for (const claimed of await inOrg(db, orgId, claim)) start(claimed)
        } catch (error) {
          // One organisation's trouble leaves the others' people found.
          failures.push(error)
        }
      }
      if (failures.length) throw failures[0]
    },
    async drain() {
      stopping.abort()
      const ends = [...underWay.values()].map(({ ended }) => ended)
      await Promise.race([Promise.all(ends), delay(drainMs, undefined, { ref: false })])
    },
    inWork: () => [...underWay.values()].reduce((sum, { people }) => sum + people, 0),
  }
}

const answeredByEmail = ({ search, outcome }: Found & { search: Search }): boolean =>
  !!search.email && (outcome === 'nobody' || (outcome === 'found' && !search.account))

const findsPeople = (carrier: Carrier): carrier is Platform =>
  'findByEmail' in carrier && !!carrier.findByEmail

async function workspacesOf({ tx, orgId }: OrgTx, searching: Platform[]): Promise<WorkspaceRef[]> {
  const rows = await tx
    .selectFrom('workspaces')
    .select(['id', 'platform', 'external_id'])
    .where('org_id', '=', orgId)
    .where(
      'platform',
      'in',
      searching.map(({ name }) => name),
    )
    .$narrowType<{ platform: PlatformName }>()
    .orderBy('id')
    .execute()
  return rows.map(({ id, platform, external_id }) => ({ orgId, id, platform, externalId: external_id }))
}
