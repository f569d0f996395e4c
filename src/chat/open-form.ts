import type { Actor } from '../core/actor.ts'
import { findHolders } from '../core/holders.ts'
import { type IncidentFilter, listIncidents } from '../core/incident-list.ts'
import { findIncident } from '../core/incidents.ts'
import { resolvePerson } from '../core/people.ts'
import type { Permission } from '../core/permissions.ts'
import { loadStanding, type Standing } from '../core/standing.ts'
import { inOrg, type OrgTx } from '../db/pool.ts'
import { denied, isTocsinError, notFound, type TocsinError } from '../errors.ts'
import type { Form } from '../messages/card.ts'
import { refusalCard, refusalLine, strangerCard } from '../messages/refusal-card.ts'
import type { WorkspaceRef } from '../ports/platform.ts'
import { type Audience, completeWith } from './answer.ts'
import type { Sender } from './chat.ts'
import { type ChatContext, commandIn } from './context.ts'
import { declareForm, noteForm, reopenForm, updateForm } from './forms.ts'
import type { FormAnswer } from './inbound.ts'
import { makePolicyForm } from './policy-form.ts'
import { preferencesForm } from './preferences-form.ts'
import { findSender } from './sender.ts'

/** Opens a dialog for somebody, made for what they may set; what they may not do at all is answered in words. */
export async function openForm(
  context: ChatContext,
  actor: Actor,
  audience: Audience,
  name: string,
  values: Record<string, unknown>,
  trigger: string | undefined,
): Promise<void> {
  const form = await makeForm(context, actor, audience, name, values)
  if (isTocsinError(form)) {
    return completeWith(context.db, audience, { card: refusalCard(form, commandIn(context, audience)) })
  }
  if (!trigger) {
    const text = 'This dialog cannot be opened here. Type the command instead.'
    return completeWith(context.db, audience, { card: { summary: text, blocks: [{ type: 'text', text }] } })
  }
  return completeWith(context.db, audience, { form, trigger })
}

/** The same for a platform whose dialogs are the answer itself: made, or why not. */
export async function formFor(
  context: ChatContext,
  workspace: WorkspaceRef,
  asker: Sender,
  name: string,
  values: Record<string, unknown>,
): Promise<FormAnswer> {
  const { identified, actor } = await findSender(context, workspace, asker)
  if (identified.kind === 'stranger' || !actor) {
    const reason = identified.kind === 'stranger' ? identified.reason : 'unknown'
    return { ok: false, message: strangerCard(reason).summary }
  }
  const { direct, channel } = asker.place
  const form = await makeForm(context, actor, { direct, channel }, name, values)
  return isTocsinError(form) ? { ok: false, message: refusalLine(form) } : { ok: true, form }
}

async function makeForm(
  context: ChatContext,
  actor: Actor,
  audience: Pick<Audience, 'direct' | 'channel'>,
  name: string,
  values: Record<string, unknown>,
): Promise<Form | TocsinError> {
  return inOrg(context.db, actor.orgId, async (org) => {
    const { tx, orgId } = org
    const standing = await loadStanding(tx, orgId, actor.personId)
    if (!standing) return denied('You have no access here. An administrator can give it to you.')
    if (name === 'create_incident') {
      const has = (permission: Permission) => standing.holdings.has(permission)
      const channel = audience.direct ? undefined : audience.channel
      return has('create_incident')
        ? declareForm(has, { channel, ...values })
        : refusal(org, actor, 'Nothing was declared', 'create_incident')
    }
    if (name === 'set_preferences') return preferencesOf(org, actor, standing, values.person)
    if (name === 'save_policy') {
      return standing.holdings.has('manage_policies')
        ? makePolicyForm(org, values.policy)
        : refusal(org, actor, 'The policy was not saved', 'manage_policies')
    }
    if (name === 'comment') return noteOn(org, actor, standing, values)
    // An object whose `toString` is a number has no text at all.
    const key = typeof values.incident === 'string' ? values.incident : ''
    const incident = await findIncident(tx, orgId, key, standing, false)
    if (!incident) return notFound(`There is no incident ${key.slice(0, 20).toUpperCase()} that you may see.`)
    const has = (permission: Permission) => incident.holdings.has(permission)
    const form =
      name === 'reopen'
        ? has('update_status') && reopenForm(incident.key)
        : name === 'update_incident' && updateForm(has, incident)
    if (form && form.fields.length > 0) return form
    const undone = `${incident.key} was not ${name === 'reopen' ? 'reopened' : 'updated'}`
    return refusal(org, actor, undone, 'update_status', incident.team_id)
  })
}

/** The incidents that are not closed, as far as they may see them. */
async function noteOn(
  org: OrgTx,
  actor: Actor,
  standing: Standing,
  values: Record<string, unknown>,
): Promise<Form | TocsinError> {
  if (!standing.holdings.has('view_incident')) {
    return refusal(org, actor, 'Nothing was added', 'view_incident')
  }
  const reader = { personId: actor.personId, seesPrivate: standing.holdings.has('access_private') }
  const filter: IncidentFilter = { statuses: ['OPEN', 'IN_PROGRESS', 'RESOLVED'], most: 50 }
  const parts = await listIncidents(org.tx, org.orgId, reader, filter, '')
  const incidents = parts.flatMap((part) => (part.kind === 'incidents' ? part.incidents : []))
  return incidents.length
    ? noteForm(incidents, values)
    : notFound('Nothing was added: there is no incident that is not closed.')
}

async function preferencesOf(
  org: OrgTx,
  actor: Actor,
  standing: Standing,
  person: unknown,
): Promise<Form | TocsinError> {
  const ref = typeof person === 'string' && person ? person : undefined
  if (ref && !standing.holdings.has('manage_people')) {
    return refusal(org, actor, 'Nothing was set', 'manage_people')
  }
  try {
    const id = ref ? (await resolvePerson(org.tx, org.orgId, ref)).id : actor.personId
    return (await preferencesForm(org, id, ref)) ?? notFound('There is no such active person.')
  } catch (error) {
    if (isTocsinError(error)) return error
    throw error
  }
}

async function refusal(
  { tx, orgId }: OrgTx,
  actor: Actor,
  undone: string,
  permission: Permission,
  teamId?: string | null,
): Promise<TocsinError> {
  const holders = await findHolders(tx, orgId, permission, teamId, actor.personId)
  return denied(`${undone}: that needs ${permission}.`, { permission, holders })
}
