/**
 * The audit log's hash chain. A row's seal is sha256(the previous seal's hash || the row as canonical JSON); the first
 * one follows 32 zero bytes. Rows are sealed in the order (transaction, id), once every transaction that might still
 * add an earlier one has ended.
 */
import { createHash } from 'node:crypto'
import { sql } from 'kysely'
import { type Db, inOrg, type Tx } from '../db/pool.ts'

/** The newest seal; `hash` in hexadecimal. */
export type SealedHead = { orgId: string; sequence: number; hash: string }

/** A row of the log in words that lose nothing: instants with microseconds in UTC, JSON as Postgres spells it. */
export type AuditLine = {
  actor: string
  actor_id: string | null
  at: string
  id: string
  inbox_id: string | null
  incident_id: string | null
  label: string[]
  new: string | null
  old: string | null
  operation: string
  org_id: string
  outcome: string
  recorded_at: string
  subject: string | null
  surface: string
  transaction: string
  version: number | null
}

export type SealedLine = AuditLine & { sequence: number | null; hash: string | null }

const start = { transaction: '0', id: '00000000-0000-0000-0000-000000000000', recorded_at: '-infinity' }
type Cursor = typeof start

const instant = (column: string) =>
  sql`to_char(${sql.ref(column)} at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`

/** The canonical form has these keys in this order, and no space. */
const columns = sql`a.actor, a.actor_id, ${instant('a.at')} as at, a.id, a.inbox_id, a.incident_id, a.label,
  a.new::text as new, a.old::text as old, a.operation, a.org_id, a.outcome,
  ${instant('a.recorded_at')} as recorded_at, a.subject, a.surface, a.transaction::text as transaction,
  a.version`

export const canonical = (line: AuditLine): string =>
  JSON.stringify({
    actor: line.actor,
    actor_id: line.actor_id,
    at: line.at,
    id: line.id,
    inbox_id: line.inbox_id,
    incident_id: line.incident_id,
    label: line.label,
    new: line.new,
    old: line.old,
    operation: line.operation,
    org_id: line.org_id,
    outcome: line.outcome,
    recorded_at: line.recorded_at,
    subject: line.subject,
    surface: line.surface,
    transaction: line.transaction,
    version: line.version,
  } satisfies AuditLine)

const seal = (previous: Buffer, line: AuditLine): Buffer =>
  createHash('sha256').update(previous).update(canonical(line)).digest()

type Last = { sequence: number; transaction: string; id: string; hash: Buffer }

const lastSeal = async (tx: Tx, orgId: string): Promise<Last> => {
  const { rows } = await sql<Last>`
    select sequence, transaction::text as transaction, audit_id as id, hash from audit_seals
    where org_id = ${orgId} order by sequence desc limit 1`.execute(tx)
  return rows[0] ?? { sequence: 0, transaction: start.transaction, id: start.id, hash: Buffer.alloc(32) }
}

/**
 * Seals up to `most` rows that can have no earlier ones any more. One replica at a time.
 * @returns the new head and whether more is waiting; undefined when there was nothing to do, or another does it.
 */
export async function sealAudit(
  db: Db,
  orgId: string,
  most = 1_000,
): Promise<{ head: SealedHead; more: boolean } | undefined> {
  return inOrg(db, orgId, async ({ tx }) => {
    const { rows: lock } = await sql<{ mine: boolean }>`
      select pg_try_advisory_xact_lock(hashtextextended(${`tocsin seal ${orgId}`}, 0)) as mine`.execute(tx)
    if (!lock[0]?.mine) return undefined
    const last = await lastSeal(tx, orgId)
    const { rows } = await sql<AuditLine>`
      select ${columns} from audit a
      where a.org_id = ${orgId} and (a.transaction, a.id) > (${last.transaction}::xid8, ${last.id}::uuid)
        and a.transaction < pg_snapshot_xmin(pg_current_snapshot())
      order by a.transaction, a.id limit ${most}`.execute(tx)
    if (!rows.length) return undefined
    let { hash } = last
    const hashes = rows.map((line) => {
      hash = seal(hash, line)
      return hash
    })
    await sql`
      insert into audit_seals (org_id, sequence, transaction, audit_id, recorded_at, hash)
      select ${orgId}::uuid, ${last.sequence}::bigint + n, transaction::xid8, id, recorded_at, hash
      from unnest(${rows.map((line) => line.transaction)}::text[], ${rows.map((line) => line.id)}::uuid[],
        ${rows.map((line) => line.recorded_at)}::timestamptz[], ${hashes}::bytea[])
        with ordinality as sealed (transaction, id, recorded_at, hash, n)`.execute(tx)
    const head = { orgId, sequence: last.sequence + rows.length, hash: hash.toString('hex') }
    return { head, more: rows.length === most }
  })
}

export type BadRow = {
  /** Its place in the chain, where it has one. */
  sequence: number | null
  auditId: string | null
  problem: 'changed' | 'missing' | 'inserted'
  sentence: string
}

export type Verification =
  | { ok: true; sealed: number; unsealed: number; head: string }
  /** `sealed`: how many were right before the first bad one. */
  | { ok: false; sealed: number; firstBad: BadRow }

/**
 * Recomputes the chain from its beginning. Rows newer than the last seal are only counted.
 * @param published a head that was kept outside: tells whether the whole chain has been written anew.
 */
export async function verifyAudit(
  tx: Tx,
  orgId: string,
  published?: { sequence: number; hash: string },
): Promise<Verification> {
  const last = await lastSeal(tx, orgId)
  let hash: Buffer = Buffer.alloc(32)
  let sealed = 0
  const bad = (firstBad: BadRow): Verification => ({ ok: false, sealed, firstBad })
  for await (const line of pages(tx, orgId, last)) {
    if (line.sequence === null || line.sequence <= sealed) return bad(inserted(line))
    if (line.sequence > sealed + 1) return bad(await lacking(tx, orgId, sealed + 1))
    hash = seal(hash, line)
    if (hash.toString('hex') !== line.hash) return bad(changed(line.sequence, line.id))
    sealed += 1
    if (published?.sequence === sealed && published.hash !== line.hash) return bad(rewritten(line))
  }
  if (sealed < last.sequence) return bad(await lacking(tx, orgId, sealed + 1))
  if (published && published.sequence > sealed) return bad(await lacking(tx, orgId, sealed + 1))
  const { rows } = await sql<{ count: number }>`
    select count(*) as count from audit where org_id = ${orgId}
      and (transaction, id) > (${last.transaction}::xid8, ${last.id}::uuid)`.execute(tx)
  return { ok: true, sealed, unsealed: rows[0]!.count, head: hash.toString('hex') }
}

/** Every row with its seal, in the order of the chain; the newest may have none yet. */
export async function* exportAudit(tx: Tx, orgId: string): AsyncGenerator<SealedLine> {
  yield* pages(tx, orgId)
}

async function* pages(tx: Tx, orgId: string, last?: Last, size = 1_000): AsyncGenerator<SealedLine> {
  let cursor: Cursor = start
  const until = last ? sql`and (a.transaction, a.id) <= (${last.transaction}::xid8, ${last.id}::uuid)` : sql``
  for (;;) {
    const { rows } = await sql<SealedLine>`
      select ${columns}, s.sequence, encode(s.hash, 'hex') as hash
      from (select * from audit a where a.org_id = ${orgId} and (a.transaction, a.id, a.recorded_at)
          > (${cursor.transaction}::xid8, ${cursor.id}::uuid, ${cursor.recorded_at}::timestamptz) ${until}
        order by a.transaction, a.id, a.recorded_at limit ${size}) a
      left join audit_seals s on s.org_id = a.org_id and s.audit_id = a.id
      order by a.transaction, a.id, a.recorded_at`.execute(tx)
    yield* rows
    const end = rows.at(-1)
    if (!end || rows.length < size) return
    cursor = { transaction: end.transaction, id: end.id, recorded_at: end.recorded_at }
  }
}

const inserted = (line: SealedLine): BadRow => ({
  sequence: null,
  auditId: line.id,
  problem: 'inserted',
  sentence: `Row ${line.id} stands among sealed rows without a seal of its own: it was inserted later.`,
})

const changed = (sequence: number, auditId: string): BadRow => ({
  sequence,
  auditId,
  problem: 'changed',
  sentence: `Row ${auditId} (number ${sequence}) is not what was sealed: it was changed.`,
})

const rewritten = (line: SealedLine): BadRow => ({
  sequence: line.sequence,
  auditId: line.id,
  problem: 'changed',
  sentence: `The seal of row ${line.id} (number ${line.sequence}) is not the one that was published.`,
})

/** The seal is the next in the chain, but its row does not stand in its place. */
async function lacking(tx: Tx, orgId: string, sequence: number): Promise<BadRow> {
  const { rows } = await sql<{ id: string; stands: boolean }>`
    select s.audit_id as id,
      exists (select from audit a where a.org_id = s.org_id and a.id = s.audit_id) as stands
    from audit_seals s where s.org_id = ${orgId} and s.sequence = ${sequence}`.execute(tx)
  const row = rows[0]
  if (row?.stands) return changed(sequence, row.id)
  return {
    sequence,
    auditId: row?.id ?? null,
    problem: 'missing',
    sentence: row
      ? `Row ${row.id} (number ${sequence}) is missing: it was deleted.`
      : `The seal number ${sequence} is missing: it was deleted.`,
  }
}
