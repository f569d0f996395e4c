import type { TurnResult } from '../agent/agent.ts'
import type { Actor } from '../core/actor.ts'
import { completeInbox } from '../core/inbox.ts'
import { type Label, type Reader, union } from '../core/labels.ts'
import { settleStreamed } from '../core/outbox.ts'
import { loadReader } from '../core/reader.ts'
import { loadStanding } from '../core/standing.ts'
import { inOrg } from '../db/pool.ts'
import { uuid } from '../db/uuid.ts'
import { unavailable } from '../errors.ts'
import type { Block, Card } from '../messages/card.ts'
import { cardOf } from '../messages/card-of.ts'
import { refusalCard } from '../messages/refusal-card.ts'
import { labelOf, visible } from '../messages/visible.ts'
import type { AnswerStream } from '../ports/platform.ts'
import { type Audience, answerAlone, writeAnswer } from './answer.ts'
import { type ChatContext, commandIn } from './context.ts'
import { incidentOfPlace } from './which-incident.ts'

/** How long the streamed answer may take to arrive before it is sent whole. Seconds. */
const streamSettles = 15

/**
 * Hands plain words to the agent. In the asker's own conversation the answer grows as the model speaks; where others
 * read, they see a neutral status and then one message, once its label is known.
 */
export async function askAgent(
  context: ChatContext,
  actor: Actor,
  audience: Audience,
  text: string,
  signal: AbortSignal,
): Promise<void> {
  const { workspace, channel, thread, direct, user } = audience
  const { platform } = context.adapters.get(workspace.platform)!
  const spokenIn = audience.reply.type === 'channel' ? audience.reply.thread : thread
  void platform
    .status?.(workspace, { channel, thread: spokenIn }, 'is looking into it')
    .catch(() => undefined)
  let opening: Promise<AnswerStream | undefined> | undefined
  const result = await context.agent.turn({
    actor,
    turnId: audience.inboxId!,
    text,
    // What only the asker reads is their own conversation, wherever it was typed.
    audience: direct || audience.reply.type !== 'channel' ? 'direct' : { clearance: audience.clearance },
    incidentKey: await incidentOfPlace(context.db, actor),
    onText:
      direct && platform.stream
        ? (words) => {
            opening ??= platform.stream!(workspace, { channel, thread, user }).catch(() => undefined)
            void opening.then((stream) => stream?.append(words))
          }
        : undefined,
    signal,
  })
  const stream = await opening
  if (result.unfinished === 'superseded') return
  if (result.unfinished) throw unavailable('The turn was interrupted; its row is handed back.')
  const id = uuid()
  const card = await storeAnswer(context, actor, audience, result, { id, streams: !!stream })
  if (!stream || !card) return
  const receipt = await stream.finish(card).catch(() => undefined)
  await inOrg(context.db, actor.orgId, ({ tx, orgId }) => settleStreamed(tx, orgId, id, receipt))
}

/** @returns the card that was stored, or undefined when the turn had been answered before. */
async function storeAnswer(
  context: ChatContext,
  actor: Actor,
  audience: Audience,
  result: TurnResult,
  delivery: { id: string; streams: boolean },
): Promise<Card | undefined> {
  return inOrg(context.db, actor.orgId, async (org) => {
    if (!(await completeInbox(org.tx, org.orgId, audience.inboxId!))) return undefined
    const standing = await loadStanding(org.tx, org.orgId, actor.personId)
    const labels = [result.label, ...result.outcomes.map(labelOf)]
    const reader: Reader = standing ? await loadReader(org.tx, org.orgId, standing, labels) : () => false
    const command = commandIn(context, audience)
    const said = result.text !== '' || result.outcomes.length > 0
    // Whoever presses a button acts in their own name: what waits for the asker's click stands before nobody else.
    const apart = result.cards.length > 0 && audience.reply.type === 'channel' && !audience.direct
    const { card, label } = compose(apart && said ? { ...result, cards: [] } : result, reader, command)
    const alone = apart ? !said : result.refusals.length > 0 && !said && !result.cards.length
    if (apart && said) await answerAlone(org, audience, compose(waitingOf(result), reader, command).card)
    if (alone) await answerAlone(org, audience, card)
    else {
      const delaySeconds = delivery.streams ? streamSettles : undefined
      await writeAnswer(
        org,
        audience,
        { card, label, private: result.private, id: delivery.id, delaySeconds },
        actor,
      )
    }
    return alone ? undefined : card
  })
}

const waitingOf = (result: TurnResult): TurnResult => ({ ...result, text: '', outcomes: [], refusals: [] })

/** Several may wait at once: each has its button right below what it says. */
const withButtonBelow = ({ buttons = [], ...card }: Card): Card => ({
  ...card,
  blocks: [...card.blocks, ...(buttons.length ? [{ type: 'buttons' as const, buttons }] : [])],
})

/** One card of everything that the turn brought: words, outcomes, refusals, and what waits for a click. */
function compose(result: TurnResult, reader: Reader, command: string): { card: Card; label: Label } {
  const shown = result.outcomes.map((outcome) => visible(outcome, reader))
  const cards = [
    ...(result.text ? [wordsCard(result.text, result.label)] : []),
    ...shown.map(({ outcome, withheld }) => cardOf(outcome, withheld)),
    ...result.refusals.map((error) => refusalCard(error, command)),
    ...result.cards.map(withButtonBelow),
  ]
  const label = union(result.label, ...shown.map(({ outcome }) => labelOf(outcome)))
  const [first] = cards
  if (!first) return { card: wordsCard('There is nothing to say to that.', label), label }
  return {
    card: {
      summary: first.summary,
      whole: first.whole,
      blocks: cards.flatMap((card, index): Block[] => [
        ...(index ? [{ type: 'divider' as const }] : []),
        ...card.blocks,
      ]),
      buttons: cards.flatMap((card) => card.buttons ?? []).slice(0, 5),
    },
    label,
  }
}

const wordsCard = (text: string, label: Label): Card => ({
  summary: text.split('\n', 1)[0]!.slice(0, 150).toWellFormed(),
  blocks: text.split(/\n{2,}/).map((paragraph) => ({ type: 'text', text: paragraph, label })),
})
