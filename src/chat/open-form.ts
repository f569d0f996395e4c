import type { Actor } from '../core/actor.ts'
import { findIncident } from '../core/incidents.ts'
import type { Permission } from '../core/permissions.ts'
import { loadStanding } from '../core/standing.ts'
import { inOrg } from '../db/pool.ts'
import type { Form } from '../messages/card.ts'
import { type Audience, completeWith } from './answer.ts'
import type { ChatContext } from './context.ts'
import { declareForm, reopenForm, updateForm } from './forms.ts'

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
  if (form === undefined || !trigger) {
    const text = form ? 'This dialog cannot be opened here. Type the command instead.' : cannot(name)
    return completeWith(context.db, audience, { card: { summary: text, blocks: [{ type: 'text', text }] } })
  }
  return completeWith(context.db, audience, { form, trigger })
}

const cannot = (name: string) =>
  name === 'create_incident'
    ? 'Nothing was declared: that needs create_incident, and you do not have it. Ask an administrator.'
    : 'There is nothing here that you may change.'

async function makeForm(
  context: ChatContext,
  actor: Actor,
  audience: Audience,
  name: string,
  values: Record<string, unknown>,
): Promise<Form | undefined> {
  return inOrg(context.db, actor.orgId, async ({ tx, orgId }) => {
    const standing = await loadStanding(tx, orgId, actor.personId)
    if (!standing) return undefined
    if (name === 'create_incident') {
      const has = (permission: Permission) => standing.holdings.has(permission)
      const channel = audience.direct ? undefined : audience.channel
      return has('create_incident') ? declareForm(has, { channel, ...values }) : undefined
    }
    const incident = await findIncident(tx, orgId, String(values.incident), standing, false)
    if (!incident) return undefined
    const has = (permission: Permission) => incident.holdings.has(permission)
    if (name === 'reopen') return has('update_status') ? reopenForm(incident.key) : undefined
    if (name !== 'update_incident') return undefined
    const form = updateForm(has, incident)
    return form.fields.length ? form : undefined
  })
}
