import { z } from 'zod'
import { line } from '../../core/clean-text.ts'
import type { Label } from '../../core/labels.ts'
import { resolvePerson } from '../../core/people.ts'
import type { Tx } from '../../db/pool.ts'
import { conflict } from '../../errors.ts'
import type { Scope } from '../define.ts'

export const personRef = line(120).describe('a name, an e-mail address or a mention')

/** Who may read what administrators do to people. */
export const peopleLabel: Label = ['view_audit']
/** Who may see the list of people as administrators do. */
export const administratorsLabel: Label = ['manage_people']

export type Target = Awaited<ReturnType<typeof lockPerson>>

/** The person an administrator named, locked for the change; `me` is the asker. */
export async function targetPerson(scope: Scope, ref: string, inactive = false): Promise<Target> {
  const { tx, orgId, actor } = scope
  const self = /^(me|myself)$/i.test(ref)
  const id = self
    ? actor.personId
    : (await resolvePerson(tx, orgId, ref, { workspaceId: actor.place?.workspace.id, inactive })).id
  return lockPerson(tx, orgId, id)
}

async function lockPerson(tx: Tx, orgId: string, id: string) {
  return tx
    .selectFrom('people')
    .select(['id', 'name', 'email', 'department', 'rank', 'admin', 'active', 'file_fields', 'deactivated_by'])
    .where('org_id', '=', orgId)
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirstOrThrow()
}

/** What the configuration file sets is changed there. */
export function refuseFileField(target: Target, field: string, word = field): void {
  if (!target.file_fields.includes(field)) return
  throw conflict(
    `${target.name}'s ${word} was not changed: the configuration file sets it. Change it there and apply the file.`,
  )
}

/** Locks every active administrator, so that two cannot remove each other at once. Before any other person's lock. */
export async function lockAdministrators(scope: Scope): Promise<string[]> {
  const rows = await scope.tx
    .selectFrom('people')
    .select('id')
    .where('org_id', '=', scope.orgId)
    .where('admin', '=', true)
    .where('active', '=', true)
    .orderBy('id')
    .forUpdate()
    .execute()
  return rows.map((row) => row.id)
}

export function refuseLastAdministrator(target: Target, administrators: string[]): void {
  if (administrators.length > 1 || administrators[0] !== target.id) return
  throw conflict(
    `${target.name} is the last active administrator and stays one. Make somebody else an administrator first: people admin PERSON on.`,
  )
}

export const said = (text: string, label: Label = administratorsLabel) => ({
  parts: [{ kind: 'sentence' as const, label, text }],
})

export const rankWords = (rank: string) => rank.replaceAll('_', ' ').replace('oncall', 'on-call')

export const onOff = z
  .string()
  .trim()
  .toLowerCase()
  .pipe(z.enum(['on', 'off'], 'must be on or off'))
