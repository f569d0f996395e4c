import { createHash, randomInt } from 'node:crypto'
import { sql } from 'kysely'
import { z } from 'zod'
import { placementOf } from '../../core/identities.ts'
import { plain } from '../../core/labels.ts'
import { enqueue } from '../../core/outbox.ts'
import type { Outcome } from '../../core/outcome.ts'
import { isUnplaced, lockPeople, mergePeople } from '../../core/people.ts'
import { conflict, denied } from '../../errors.ts'
import { defineOperation, type Scope } from '../define.ts'
import { ownAccount } from './own-account.ts'
import { said } from './target.ts'

/** No letters that are read as others. Ten of them are 49 bits, for ten minutes. */
const letters = '23456789ABCDEFGHJKMNPQRSTVWXYZ'
const length = 10
const minutes = 10
const triesAMinute = 10

/**
 * Joins two accounts of one human. The code is shown on one side alone and typed on the other: both have said yes.
 * The account that types it joins the person who asked for it, never the other way round, and nothing of what it was
 * allowed comes along.
 */
export const link = defineOperation({
  name: 'link',
  summary: 'Join your accounts: get a code in one app, type it in the other.',
  input: z.object({ code: z.string().trim().min(1).max(40).optional() }),
  permission: undefined,
  effect: 'write',
  tool: false,
  verb: { words: ['link'], usage: 'link [CODE]', parse },
  run: (scope, { code }) => (code ? redeem(scope, code) : offer(scope)),
})

/** A code is one word with a digit or a hyphen in it, or as long as ours: "link incidents" is none. */
function parse(rest: string): { code?: string } | undefined {
  const text = rest.trim()
  if (!text) return {}
  return /^(?=.*[\d-])[A-Z\d-]{6,20}$|^[A-Z]{10}$/i.test(text) ? { code: text } : undefined
}

const normal = (code: string) => code.toUpperCase().replaceAll(/[^A-Z0-9]/g, '')
const hashOf = (orgId: string, code: string) =>
  createHash('sha256')
    .update(`${orgId} ${normal(code)}`)
    .digest()

async function offer(scope: Scope): Promise<Outcome> {
  const { tx, orgId, now, actor } = scope
  const account = await ownAccount(scope)
  if (!account) throw conflict('A link code is for a chat account: ask for it in the chat.')
  await tx
    .deleteFrom('link_codes')
    .where('org_id', '=', orgId)
    .where((eb) => eb.or([eb('person_id', '=', actor.personId), eb('expires_at', '<', now)]))
    .execute()
  const drawn = Array.from({ length }, () => letters[randomInt(letters.length)]).join('')
  const code = `${drawn.slice(0, 5)}-${drawn.slice(5)}`
  await tx
    .insertInto('link_codes')
    .values({
      org_id: orgId,
      code_hash: hashOf(orgId, code),
      person_id: actor.personId,
      workspace_id: account.workspaceId,
      external_id: account.user,
      expires_at: new Date(now.getTime() + minutes * 60_000),
    })
    .execute()
  await scope.audit({ operation: 'link', subject: actor.name, new: { code: 'given' }, label: ['view_audit'] })
  const shown = said(
    `Your link code is ${code}. In the other app, tell me: link ${code}. It works once, for ${minutes} minutes. Give it to nobody: whoever types it becomes you.`,
    plain,
  )
  if (actor.place?.direct) return shown
  // Elsewhere an answer may be read by others, and the code is as good as the account.
  await enqueue(tx, orgId, [
    {
      workspaceId: account.workspaceId,
      route: { type: 'person', user: account.user },
      notification: { type: 'direct', outcome: shown, personId: actor.personId },
      urgency: 1,
    },
  ])
  return said('Your link code is in our direct conversation, where nobody else reads it.', plain)
}

async function redeem(scope: Scope, code: string): Promise<Outcome> {
  const { tx, orgId, now, actor } = scope
  await refuseManyTries(scope)
  await lockPeople(tx, orgId)
  const taken = await tx
    .deleteFrom('link_codes')
    .where('org_id', '=', orgId)
    .where('code_hash', '=', hashOf(orgId, code))
    .where('expires_at', '>', now)
    .returning('person_id')
    .executeTakeFirst()
  // Denied, not not-found: a refusal is written to the audit log, and tries are counted there.
  if (!taken)
    throw denied('That link code is not good: codes work once, for ten minutes. Ask for a new one: link.')
  if (taken.person_id === actor.personId) {
    return said('This is the account that asked for the code. Type it in the other app.', plain)
  }
  const [into, from] = [
    await placementOf(tx, orgId, taken.person_id),
    await placementOf(tx, orgId, actor.personId),
  ]
  if (!into?.active || !from) throw denied('The account that asked for this code is not active any more.')
  const same =
    from.department === into.department &&
    from.rank === into.rank &&
    from.admin === into.admin &&
    !from.file_fields.length &&
    from.teamIds.every((id) => into.teamIds.includes(id))
  if (!same && !isUnplaced(from)) {
    throw conflict(
      isUnplaced(into)
        ? 'Nothing was linked: this account has a place here and the other has none. Ask for the code here, with link, and type it there.'
        : 'Nothing was linked: an administrator has placed the two accounts differently. An administrator can make them equal first: people.',
    )
  }
  await mergePeople(tx, orgId, actor.personId, taken.person_id)
  await scope.audit({
    operation: 'link',
    subject: into.name,
    old: { person: from.name },
    new: { person: into.name },
    label: ['view_audit'],
  })
  return said(`This account is ${into.name}'s now, with what ${into.name} may do here.`, plain)
}

async function refuseManyTries({ tx, orgId, actor }: Scope): Promise<void> {
  const { rows } = await sql<{ tries: number }>`
    select count(*)::integer as tries from audit
    where org_id = ${orgId} and recorded_at > clock_timestamp() - interval '1 minute'
      and actor_id = ${actor.personId} and operation = 'link' and outcome = 'denied'`.execute(tx)
  if (rows[0]!.tries < triesAMinute) return
  throw denied(`Too many link codes were tried. Wait a minute, then ask for a new one: link.`)
}
