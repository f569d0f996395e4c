import type { Actor } from '../core/actor.ts'
import type { Label, Reader } from '../core/labels.ts'
import type { Permission } from '../core/permissions.ts'
import { holdingsAnywhere, loadReader } from '../core/reader.ts'
import { loadStanding, type Standing } from '../core/standing.ts'
import { type Db, inOrg } from '../db/pool.ts'
import { type AnyOperation, permissionsOf } from '../operations/define.ts'

/** The asker as of one step: a change of role counts from the next step on. */
export type Situation = {
  standing: Standing
  reader: Reader
  /** The tools that they may use somewhere; each call is authorised again where it takes effect. */
  offered: AnyOperation[]
  now: Date
}

/** Undefined for somebody who has been deactivated. */
export async function loadSituation(
  db: Db,
  actor: Actor,
  registry: readonly AnyOperation[],
  labels: Label[],
): Promise<Situation | undefined> {
  return inOrg(db, actor.orgId, async ({ tx, orgId, now }) => {
    const standing = await loadStanding(tx, orgId, actor.personId)
    if (!standing) return undefined
    const reader = await loadReader(tx, orgId, standing, labels)
    const held = await holdingsAnywhere(tx, orgId, standing)
    return { standing, reader, now, offered: registry.filter((operation) => mayUse(operation, held)) }
  })
}

function mayUse(operation: AnyOperation, held: Set<Permission>): boolean {
  if (!operation.tool) return false
  if (operation.subject === 'incident' && !held.has('view_incident')) return false
  const any = permissionsOf(operation)
  return any.length === 0 || any.some((permission) => held.has(permission))
}
