/**
 * Tocsin in the composer: a search whose hits are inserted as cards, and actions on a message.
 * learn.microsoft.com/microsoftteams/platform/messaging-extensions/how-to/search-commands/respond-to-search
 */
import { z } from 'zod'
import type { FoundIncident } from '../../chat/inbound.ts'
import { shorten } from '../../messages/shorten.ts'
import type { InvokeAnswer } from './application.ts'
import { wordsOfHtml } from './message-text.ts'
import { cardType, teamsCard } from './render.ts'

/** The names in the manifest. */
export const searchCommand = 'searchIncidents'
export const declareCommand = 'declareFromMessage'
export const noteCommand = 'addToTimeline'

const queryShape = z.looseObject({
  parameters: z
    .array(z.looseObject({ name: z.string().max(100), value: z.unknown() }))
    .max(20)
    .nullish(),
})

/** What was typed into the search box. Before anything is, Teams asks with `initialRun`. */
export const wordsOfQuery = (value: unknown): string | undefined => {
  const parsed = queryShape.safeParse(value)
  if (!parsed.success) return undefined
  const typed = parsed.data.parameters?.find(({ name }) => name === 'query')?.value
  return typeof typed === 'string' ? typed : ''
}

export const hits = (incidents: FoundIncident[]): InvokeAnswer => ({
  status: 200,
  body: {
    composeExtension: {
      type: 'result',
      attachmentLayout: 'list',
      attachments: incidents.map(({ key, title, status, priority, card }) => ({
        contentType: cardType,
        content: teamsCard(card, {}),
        preview: {
          contentType: 'application/vnd.microsoft.card.thumbnail',
          content: { title: `${key} ${shorten(title, 150)}`, text: `${status} · ${priority}` },
        },
      })),
    },
  },
})

const actionShape = z.looseObject({
  commandId: z.string().max(200),
  messagePayload: z
    .looseObject({
      body: z.looseObject({ content: z.string().nullish() }).nullish(),
      from: z
        .looseObject({ user: z.looseObject({ displayName: z.string().max(200).nullish() }).nullish() })
        .nullish(),
    })
    .nullish(),
})

/** A form's maxLength: what is longer could not be submitted. */
const longestNote = 3000

export type ChosenForm = { form: string; values: Record<string, unknown> }

/**
 * The form for an action on a message: its first line becomes a title, or all of it a note that says whose words it
 * is made of. Of an action that is none of ours: undefined.
 */
export const formOfAction = (value: unknown): ChosenForm | undefined => {
  const parsed = actionShape.safeParse(value)
  if (!parsed.success) return undefined
  const { commandId, messagePayload } = parsed.data
  const words = wordsOfHtml(messagePayload?.body?.content ?? '')
  if (commandId === declareCommand)
    return { form: 'create_incident', values: { title: shorten(words.split('\n', 1)[0] ?? '', 200) } }
  if (commandId !== noteCommand) return undefined
  const name = messagePayload?.from?.user?.displayName
  return { form: 'comment', values: { text: shorten(name ? `${name}: ${words}` : words, longestNote) } }
}
