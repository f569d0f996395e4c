import type { Actor } from '../core/actor.ts'
import { findHolders } from '../core/holders.ts'
import { findIncident } from '../core/incidents.ts'
import { resolvePerson } from '../core/people.ts'
import type { Permission } from '../core/permissions.ts'
import { loadStanding, type Standing } from '../core/standing.ts'
import { inOrg, type OrgTx } from '../db/pool.ts'
import { denied, isTocsinError, notFound, type TocsinError } from '../errors.ts'
import type { Form } from '../messages/card.ts'
import { refusalCard } from '../messages/refusal-card.ts'
import { type Audience, completeWith } from './answer.ts'
import { type ChatContext, commandIn } from './context.ts'
import { declareForm, reopenForm, updateForm } from './forms.ts'
import { makePolicyForm } from './policy-form.ts'
import { preferencesForm } from './preferences-form.ts'

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

async function makeForm(
  context: ChatContext,
  actor: Actor,
  audience: Audience,
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
