/** What Teams waits for: buttons, dialogs and the composer. Each is worked at once, and its result is the answer. */
import { z } from 'zod'
import type { Chat } from '../../chat/chat.ts'
import type { ActAnswer } from '../../chat/inbound.ts'
import type { ButtonAction, Card } from '../../messages/card.ts'
import type { InvokeAnswer, Routes } from './application.ts'
import { buttonShape, executeShape, incidentOf } from './button.ts'
import { asTyped, closed, dialog, dialogMessage, readSubmission } from './dialog.ts'
import { formOfAction, hits, wordsOfQuery } from './extension.ts'
import { cardType, refreshVerb, teamsCard } from './render.ts'
import { fromAction, senderOf } from './translate.ts'

const unusable: InvokeAnswer = { status: 400, body: 'The value of the invoke is unusable.' }

/** learn.microsoft.com/adaptive-cards/authoring-cards/universal-action-model, "Response format". */
const cardAnswer = (card: Card): InvokeAnswer => ({
  status: 200,
  body: { statusCode: 200, type: cardType, value: teamsCard(card, {}) },
})

/** Only whoever pressed sees it, below the card. */
export const said = (text: string): InvokeAnswer => ({
  status: 200,
  body: { statusCode: 200, type: 'application/vnd.microsoft.activity.message', value: text },
})

/** Only a submit button may open a dialog in Teams: one takes the card's place. */
const openCard = (action: ButtonAction): Card => ({
  summary: 'This takes a form.',
  blocks: [{ type: 'text', text: 'This takes a form.' }],
  buttons: [{ text: 'Open the form', style: 'primary', action }],
})

const answerOf = (answer: ActAnswer): InvokeAnswer => {
  if (answer.kind === 'said') return said(answer.text)
  return cardAnswer(answer.kind === 'card' ? answer.card : openCard(answer.action))
}

const dataShape = z.looseObject({ data: z.unknown() })
const dataOf = (value: unknown): unknown => dataShape.safeParse(value).data?.data

export const createInvokes = (chat: Chat): Omit<Routes, 'message'> => ({
  async execute({ workspace, eventId, activity }) {
    const parsed = executeShape.safeParse(activity.value)
    if (!parsed.success) return unusable
    const { verb, data } = parsed.data.action
    const { action } = data
    if (verb === refreshVerb) {
      const incident = incidentOf(action)
      if (incident === undefined) return unusable
      return answerOf(await chat.view(workspace, senderOf(activity), incident))
    }
    return answerOf(await chat.act(workspace, eventId, fromAction(activity, action)))
  },

  async openDialog({ workspace, activity }) {
    const button = buttonShape.safeParse(dataOf(activity.value)).data
    if (button?.action.type !== 'form') return unusable
    const { form: name, values = {} } = button.action
    const answer = await chat.form(workspace, senderOf(activity), name, values)
    return answer.ok ? dialog(answer.form) : dialogMessage(answer.message)
  },

  async submitDialog({ workspace, eventId, activity }) {
    const submitted = readSubmission(dataOf(activity.value))
    if (!submitted) return unusable
    const sender = senderOf(activity)
    // Where it was opened is where it is submitted; what the client says of it could be any place.
    const { channel: _, ...hidden } = submitted.hidden
    const answer = await chat.submit(workspace, eventId, {
      kind: 'submission',
      ...submitted,
      hidden,
      ...sender,
    })
    if (answer.ok) return closed
    // The dialog again as it was typed; where it can no longer be made, the reason alone.
    const again = await chat.form(workspace, sender, submitted.operation, submitted.hidden)
    if (!again.ok) return dialogMessage(answer.message)
    const errors = Object.keys(answer.errors).length > 0 ? answer.errors : { '': answer.message }
    return dialog(asTyped(again.form, submitted), errors)
  },

  async query({ workspace, activity }) {
    const words = wordsOfQuery(activity.value)
    if (words === undefined) return unusable
    return hits(await chat.find(workspace, senderOf(activity), words))
  },

  async openAction({ workspace, activity }) {
    const chosen = formOfAction(activity.value)
    if (!chosen) return unusable
    const answer = await chat.form(workspace, senderOf(activity), chosen.form, chosen.values)
    return answer.ok ? dialog(answer.form) : dialogMessage(answer.message)
  },
})
