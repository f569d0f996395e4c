import type { Actor } from '../core/actor.ts'
import { cleanJson } from '../core/clean-text.ts'
import type { Arrival } from '../core/inbox.ts'
import { isTocsinError } from '../errors.ts'
import { refusalLine, strangerCard } from '../messages/refusal-card.ts'
import { perform } from '../operations/perform.ts'
import type { WorkspaceRef } from '../ports/platform.ts'
import { type Audience, answerOutcome } from './answer.ts'
import type { ChatContext } from './context.ts'
import type { Inbound, SubmissionAnswer } from './inbound.ts'
import { keepChanged } from './preferences-form.ts'
import { findSender } from './sender.ts'

type Submission = Extract<Inbound, { kind: 'submission' }>

/** The dialogs there are, and the fields that one may send; anything else in a submission is left aside. */
const forms: Record<string, string[]> = {
  create_incident: ['title', 'description', 'priority'],
  update_incident: ['status', 'priority', 'note'],
  reopen: ['reason'],
  comment: ['incident', 'text'],
  save_policy: [
    'name',
    'priority',
    'team',
    'category',
    'department',
    'service',
    'steps',
    'repeats',
    'nobody',
    'acknowledged_for',
  ],
  set_preferences: ['high', 'low', 'quiet', 'phone'],
}

/** What a dialog was opened for, as it stood then: input like its fields, which the operation checks. */
const openedFor: Record<string, string[]> = { save_policy: ['policy', 'version', 'create'] }

/** Works a dialog's submission in one transaction, which also records it as seen; the result is the answer. */
export async function submit(
  context: ChatContext,
  workspace: WorkspaceRef,
  eventId: string,
  inbound: Submission,
): Promise<SubmissionAnswer> {
  const operation = context.registry.find((each) => each.name === inbound.operation)
  const fields = forms[inbound.operation]
  if (!operation || !fields) return refused('This dialog is from an older version. Type the command instead.')
  // Where it was opened from, if it says so: only ever decides where things are shown.
  const hidden = cleanJson(inbound.hidden.channel)
  const from = typeof hidden === 'string' && hidden ? { channel: hidden, direct: false } : inbound.place
  const sender = await findSender(context, workspace, { ...inbound, place: from })
  if (sender.identified.kind === 'stranger' || !sender.actor) {
    const reason = sender.identified.kind === 'stranger' ? sender.identified.reason : 'unknown'
    return refused(strangerCard(reason).summary)
  }
  const actor: Actor = sender.actor
  const audience: Audience = {
    workspace,
    user: inbound.user,
    reply: from.direct
      ? { type: 'person', user: inbound.user }
      : { type: 'ephemeral', channel: from.channel, user: inbound.user },
    ...from,
    sharedOutside: actor.place?.sharedOutside ?? false,
    clearance: sender.clearance,
  }
  const input: Record<string, unknown> =
    operation.subject === 'incident' ? { incident: inbound.hidden.incident } : {}
  for (const field of fields) {
    const value = inbound.values[field]
    if (value !== undefined && value !== null && value !== '') input[field] = value
  }
  if (operation.name === 'set_preferences') keepChanged(input, inbound.hidden)
  for (const name of openedFor[inbound.operation] ?? []) {
    const value = inbound.hidden[name]
    if (typeof value === 'string' && value) input[name] = value
  }
  const record: Arrival = {
    workspace,
    eventId,
    sender: inbound.user,
    payload: JSON.stringify(cleanJson({ operation: operation.name, input })),
  }
  try {
    await perform(context.db, actor, operation, input, {
      record,
      settle: async (scope, result) => {
        if (!isTocsinError(result)) await answerOutcome(scope, audience, result, actor)
      },
    })
    context.performed(operation.name, 'done')
    context.wakeDelivery()
    return { ok: true }
  } catch (error) {
    context.performed(operation.name, isTocsinError(error) ? error.kind : 'failed')
    if (!isTocsinError(error)) throw error
    const field = error.detail.field && fields.includes(error.detail.field) ? error.detail.field : fields[0]!
    const message = refusalLine(error)
    return { ok: false, errors: { [field]: message }, message }
  }
}

const refused = (message: string): SubmissionAnswer => ({ ok: false, errors: {}, message })
