/** What a card is in Teams: an activity with an Adaptive Card, its first line for the notification. */
import type { Logger } from '../../log.ts'
import { type AdaptiveCardJson, adaptiveCard } from '../../messages/adaptive-card.ts'
import type { Card, Form } from '../../messages/card.ts'
import { plainText } from '../../messages/plain-text.ts'
import { clean, shorten } from '../../messages/shorten.ts'

/** What we say of an activity; the service fills in the rest. */
export type OutgoingActivity = Record<string, unknown> & { type: 'message' | 'typing' }

export const cardType = 'application/vnd.microsoft.card.adaptive'

/** The verb with which Teams asks for a viewer's own view; its data show the incident. */
export const refreshVerb = 'refresh'

/** A notification shows about as much. */
const longestSummary = 300

/** An AAD object id as Teams wants it where it takes no bare one. */
const userId = (user: string): string => (/^(8:|29:)/.test(user) ? user : `8:orgid:${user}`)

/**
 * The card as Teams takes it.
 * @param mentions the AAD object id of each person whom the card may call.
 */
export const teamsCard = (card: Card, mentions: Record<string, string>): AdaptiveCardJson => {
  const { views } = card
  return adaptiveCard(card, {
    mentions,
    teams: true,
    ...(views && {
      refresh: {
        action: {
          type: 'Action.Execute',
          title: 'Refresh',
          verb: refreshVerb,
          data: {
            action: {
              type: 'perform',
              operation: 'view_incident_details',
              input: { incident: views.incident },
            },
          },
        },
        userIds: views.users.slice(0, 60).map(userId),
      },
    }),
  })
}

export const cardActivity = (content: AdaptiveCardJson, summary: string): OutgoingActivity => ({
  type: 'message',
  summary: shorten(clean(summary).trim() || '…', longestSummary),
  attachments: [{ contentType: cardType, content }],
})

/** Better plain words than nothing: what Teams does not read as markup. */
export const onlyText = (card: Card): OutgoingActivity => ({
  type: 'message',
  textFormat: 'plain',
  summary: shorten(clean(card.summary).trim() || '…', longestSummary),
  text: plainText(card, { limit: 3000 }).replace(/<(?=\/?at\b)/gi, '<\u200b'),
})

export const rendered = (
  card: Card,
  { mentions, id }: { mentions: Record<string, string>; id: string },
  log: Logger,
): OutgoingActivity => {
  try {
    return cardActivity(teamsCard(card, mentions), card.summary)
  } catch (error) {
    log.error({ err: error, delivery: id }, 'A card could not be rendered for Teams: sent as text')
    return onlyText(card)
  }
}

/** Teams opens a dialog only as the answer to a click: a card whose button is that click. */
export const openFormCard = (form: Form): Card => ({
  summary: form.title,
  blocks: [{ type: 'text', text: `${form.title} takes a form.` }],
  buttons: [
    {
      text: 'Open the form',
      style: 'primary',
      action: { type: 'form', form: form.operation, values: form.hidden },
    },
  ],
})
