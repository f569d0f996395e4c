import type { Actor } from '../core/actor.ts'
import type { InboxRow } from '../core/inbox.ts'
import { loadStanding } from '../core/standing.ts'
import { inOrg } from '../db/pool.ts'
import { isTocsinError, notFound } from '../errors.ts'
import type { ButtonAction, Card } from '../messages/card.ts'
import { refusalCard, strangerCard } from '../messages/refusal-card.ts'
import type { AnyOperation } from '../operations/define.ts'
import { perform } from '../operations/perform.ts'
import type { WorkspaceRef } from '../ports/platform.ts'
import { type Audience, answerOutcome, answerRefusal, completeWith } from './answer.ts'
import { askAgent } from './ask-agent.ts'
import { type ChatContext, commandIn } from './context.ts'
import { readLine } from './grammar.ts'
import type { Inbound } from './inbound.ts'
import { menuCard, pickerCard, usageCard } from './menu.ts'
import { openForm } from './open-form.ts'
import { findSender, knowMentioned } from './sender.ts'
import { whichIncident } from './which-incident.ts'

/** Finds the person, reads what they want, and has it done once; the answer is in the outbox when this resolves. */
export async function dispatch(
  context: ChatContext,
  workspace: WorkspaceRef,
  inbound: Exclude<Inbound, { kind: 'submission' }>,
  row: InboxRow,
  signal: AbortSignal,
): Promise<void> {
  const sender = await findSender(context, workspace, inbound)
  const audience: Audience = {
    workspace,
    user: inbound.user,
    reply: inbound.reply,
    ...inbound.place,
    sharedOutside: sender.actor?.place?.sharedOutside ?? false,
    clearance: sender.clearance,
    inboxId: row.id,
  }
  const { identified, actor } = sender
  if (!actor || identified.kind === 'stranger') {
    const reason = identified.kind === 'stranger' ? identified.reason : 'unknown'
    await completeWith(context.db, audience, { card: strangerCard(reason) })
  } else if (inbound.kind === 'action') {
    await press(context, actor, audience, inbound)
  } else {
    await knowMentioned(context, workspace, inbound.text)
    await say(context, actor, audience, inbound, signal)
  }
  context.wakeDelivery()
}

async function say(
  context: ChatContext,
  actor: Actor,
  audience: Audience,
  inbound: Extract<Inbound, { kind: 'command' | 'message' }>,
  signal: AbortSignal,
): Promise<void> {
  const reading = readLine(inbound.text, context.registry)
  switch (reading.kind) {
    case 'verb':
      if (reading.operation.toldByAgent && context.agent.speaks) {
        return askAgent(context, actor, audience, inbound.text, signal)
      }
      return run(context, actor, audience, reading.operation, reading.input)
    case 'usage':
      return completeWith(context.db, audience, {
        card: usageCard(reading.operation, commandIn(context, audience), reading.key),
      })
    case 'bare':
      return bare(context, actor, audience, inbound)
    case 'text':
      return askAgent(context, actor, audience, reading.text, signal)
  }
}

/** The bare command opens the dialog where it can, else a menu. */
async function bare(context: ChatContext, actor: Actor, audience: Audience, inbound: Inbound): Promise<void> {
  const standing = await inOrg(context.db, actor.orgId, ({ tx }) =>
    loadStanding(tx, actor.orgId, actor.personId),
  )
  const declares = standing?.holdings.has('create_incident')
  if (inbound.kind === 'command' && inbound.trigger && declares) {
    return openForm(context, actor, audience, 'create_incident', {}, inbound.trigger)
  }
  return completeWith(context.db, audience, {
    card: menuCard(!!declares, commandIn(context, audience)),
  })
}

async function press(
  context: ChatContext,
  actor: Actor,
  audience: Audience,
  inbound: Extract<Inbound, { kind: 'action' }>,
): Promise<void> {
  const action: ButtonAction = inbound.action
  if (action.type === 'form') {
    return openForm(context, actor, audience, action.form, action.values ?? {}, inbound.trigger)
  }
  const name = action.type === 'share' ? 'share_answer' : action.operation
  const operation = context.registry.find((each) => each.name === name)
  if (!operation) {
    const error = notFound('That button is from an older version. Type the command instead.')
    return completeWith(context.db, audience, { card: refusalCard(error) })
  }
  const input = action.type === 'share' ? { answer: action.answer } : action.input
  const asOf = action.type === 'perform' ? action.asOf : undefined
  // What a click brings is for the clicker: the card itself follows the state for everybody.
  const alone: Audience =
    audience.reply.type === 'channel' && !audience.direct
      ? {
          ...audience,
          reply: {
            type: 'ephemeral',
            channel: audience.channel,
            user: audience.user,
            thread: audience.thread,
          },
        }
      : audience
  return run(context, actor, alone, operation, input, asOf)
}

/** Performs one operation for one inbox row; every end of it is answered. */
async function run(
  context: ChatContext,
  actor: Actor,
  audience: Audience,
  operation: AnyOperation,
  input: Record<string, unknown>,
  asOf?: number,
): Promise<void> {
  const command = commandIn(context, audience)
  let whole = input
  if (operation.subject === 'incident' && input.incident === undefined) {
    const which = await whichIncident(context.db, actor, operation.name)
    if (which.kind !== 'one') {
      const card: Card =
        which.kind === 'several'
          ? pickerCard(operation, input, which.incidents, command)
          : refusalCard(
              notFound('There is no incident that this could mean: name one.', {
                usage: operation.verb?.usage,
              }),
              command,
            )
      return completeWith(context.db, audience, { card })
    }
    whole = { incident: which.key, ...input }
  }
  try {
    await perform(context.db, actor, operation, whole, {
      inboxId: audience.inboxId,
      asOf,
      settle: (scope, result) =>
        isTocsinError(result)
          ? answerRefusal(scope, audience, result, command)
          : answerOutcome(scope, audience, result, actor),
    })
    context.performed(operation.name, 'done')
  } catch (error) {
    context.performed(operation.name, isTocsinError(error) ? error.kind : 'failed')
    // Answered in its own transaction already.
    if (!isTocsinError(error)) throw error
  }
}
