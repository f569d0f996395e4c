import type { Actor } from '../core/actor.ts'
import { cleanJson } from '../core/clean-text.ts'
import type { Arrival } from '../core/inbox.ts'
import { findIncident } from '../core/incidents.ts'
import { loadStanding } from '../core/standing.ts'
import { inOrg, type OrgTx } from '../db/pool.ts'
import { isTocsinError, notFound, type TocsinError } from '../errors.ts'
import type { ButtonAction, Card } from '../messages/card.ts'
import { cardOf } from '../messages/card-of.ts'
import { plainText } from '../messages/plain-text.ts'
import { refusalCard, strangerCard } from '../messages/refusal-card.ts'
import { visible } from '../messages/visible.ts'
import type { AnyOperation } from '../operations/define.ts'
import { perform } from '../operations/perform.ts'
import type { WorkspaceRef } from '../ports/platform.ts'
import { type Audience, answerOutcome } from './answer.ts'
import type { Sender } from './chat.ts'
import { type ChatContext, commandIn } from './context.ts'
import type { ActAnswer, Inbound } from './inbound.ts'
import { pickerCard } from './menu.ts'
import { renderIncident } from './render.ts'
import { findSender } from './sender.ts'
import { whichIncident } from './which-incident.ts'

type Press = Extract<Inbound, { kind: 'action' }>

/**
 * Performs a button's action at once, recorded as seen in the same transaction; the answer is for the clicker alone:
 * the card as it stands for them now, or why nothing was done. What an action only shows goes to them as a message.
 */
export async function act(
  context: ChatContext,
  workspace: WorkspaceRef,
  eventId: string,
  inbound: Press,
): Promise<ActAnswer> {
  const { identified, actor, clearance } = await findSender(context, workspace, inbound)
  if (identified.kind === 'stranger' || !actor) {
    return said(strangerCard(identified.kind === 'stranger' ? identified.reason : 'unknown'))
  }
  const { action } = inbound
  if (action.type === 'form') return { kind: 'form', action }
  const name = action.type === 'share' ? 'share_answer' : action.operation
  const operation = context.registry.find((each) => each.name === name)
  if (!operation) {
    return said(refusalCard(notFound('That button is from an older version. Type the command instead.')))
  }
  const audience: Audience = {
    workspace,
    user: inbound.user,
    reply: { type: 'person', user: inbound.user },
    ...inbound.place,
    sharedOutside: actor.place?.sharedOutside ?? false,
    clearance,
  }
  const brought = await inputOf(context, actor, audience, operation, action)
  if ('card' in brought) return { kind: 'card', card: brought.card }
  return run(context, actor, audience, operation, brought.input, {
    asOf: action.type === 'perform' ? action.asOf : undefined,
    record: { workspace, eventId, sender: inbound.user, payload: JSON.stringify(cleanJson({ action })) },
  })
}

/** What the button brings, with the incident that it means; a card to choose from where that is not clear. */
async function inputOf(
  context: ChatContext,
  actor: Actor,
  audience: Audience,
  operation: AnyOperation,
  action: Exclude<ButtonAction, { type: 'form' }>,
): Promise<{ input: Record<string, unknown> } | { card: Card }> {
  const input = action.type === 'share' ? { answer: action.answer } : action.input
  if (operation.subject !== 'incident' || input.incident !== undefined) return { input }
  const which = await whichIncident(context.db, actor, operation.name)
  if (which.kind === 'one') return { input: { incident: which.key, ...input } }
  const command = commandIn(context, audience)
  if (which.kind === 'several') return { card: pickerCard(operation, input, which.incidents, command) }
  return { card: refusalCard(notFound('There is no incident that this could mean: name one.'), command) }
}

async function run(
  context: ChatContext,
  actor: Actor,
  audience: Audience,
  operation: AnyOperation,
  input: Record<string, unknown>,
  options: { asOf?: number; record: Arrival },
): Promise<ActAnswer> {
  let answer: ActAnswer | undefined
  try {
    await perform(context.db, actor, operation, input, {
      ...options,
      settle: async (scope, result) => {
        if (isTocsinError(result)) return
        if (operation.effect === 'read' || operation.name === 'share_answer') {
          if (operation.effect === 'read') await answerOutcome(scope, audience, result, actor)
          answer = { kind: 'said', text: operation.effect === 'read' ? sent(audience) : 'Shared.' }
          return
        }
        const shown = visible(result, scope.reader)
        const about = result.incident?.id ?? scope.incident?.id
        const card = about && (await viewOf(scope, audience, actor, about))
        answer = { kind: 'card', card: card || cardOf(shown.outcome, shown.withheld) }
      },
    })
    context.performed(operation.name, 'done')
    context.wakeDelivery()
    // Seen before, by this or another replica: the card as it stands.
    return answer ?? (await standing(context, actor, audience, input.incident)) ?? done
  } catch (error) {
    context.performed(operation.name, isTocsinError(error) ? error.kind : 'failed')
    if (!isTocsinError(error)) throw error
    return refused(context, actor, audience, input, error)
  }
}

const done: ActAnswer = { kind: 'said', text: 'That was done already. Nothing was changed.' }

const sent = ({ direct }: Audience): string =>
  direct ? 'The answer is below.' : 'The answer is in your own chat with Tocsin.'

/** An old card that no longer fits is shown as it stands, with why nothing was done; else the reason alone. */
async function refused(
  context: ChatContext,
  actor: Actor,
  audience: Audience,
  input: Record<string, unknown>,
  error: TocsinError,
): Promise<ActAnswer> {
  const current =
    error.kind === 'conflict' ? await standing(context, actor, audience, input.incident) : undefined
  if (current?.kind !== 'card') return said(refusalCard(error, commandIn(context, audience)))
  const { card } = current
  return {
    kind: 'card',
    card: { ...card, blocks: [{ type: 'text', text: error.message }, ...card.blocks] },
  }
}

/** Somebody's own view of an incident, changing nothing. */
export async function view(
  context: ChatContext,
  workspace: WorkspaceRef,
  inbound: Sender,
  incident: string,
): Promise<ActAnswer> {
  const { identified, actor } = await findSender(context, workspace, inbound)
  if (identified.kind === 'stranger' || !actor) {
    return said(strangerCard(identified.kind === 'stranger' ? identified.reason : 'unknown'))
  }
  const audience = { workspace, ...inbound.place }
  const found = await standing(context, actor, audience, incident)
  return found ?? said(refusalCard(notFound('There is no such incident that you may see.')))
}

type Where = { workspace: WorkspaceRef; channel: string }

/** The incident as it stands, for this person; undefined where they may see none. */
const standing = (
  context: ChatContext,
  actor: Actor,
  where: Where,
  key: unknown,
): Promise<ActAnswer | undefined> =>
  inOrg(context.db, actor.orgId, async (org) => {
    const { tx, orgId } = org
    const of = await loadStanding(tx, orgId, actor.personId)
    const incident = of && typeof key === 'string' && (await findIncident(tx, orgId, key, of, false))
    const card = incident && (await viewOf(org, where, actor, incident.id))
    return card ? { kind: 'card', card } : undefined
  })

const viewOf = async (org: OrgTx, { workspace, channel }: Where, actor: Actor, incidentId: string) =>
  (await renderIncident(org, incidentId, { workspaceId: workspace.id, channel, personId: actor.personId }))
    ?.card

const said = (card: Card): ActAnswer => ({ kind: 'said', text: plainText(card) })
