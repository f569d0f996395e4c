/** A message as the page gets it: cards as Adaptive Cards, for Microsoft's renderer. */
import { adaptiveCard, adaptiveForm } from '../../messages/adaptive-card.ts'
import type { Card, Form } from '../../messages/card.ts'
import type { ConsoleMessage } from './types.ts'

export const messageView = (message: ConsoleMessage) => {
  const { id, order, channel, thread, from, at, edited, body } = message
  return {
    id,
    order,
    channel,
    thread,
    from: from ?? null,
    at,
    edited,
    private: message.for !== undefined,
    ...(body.type === 'text'
      ? { text: body.text }
      : { summary: body.card.summary, card: drawable(body.card, body.mentions) }),
  }
}

export const formView = (form: Form) => ({
  operation: form.operation,
  title: form.title,
  submit: form.submit,
  hidden: form.hidden ?? {},
  card: adaptiveForm(form),
})

/** `<at>` is Teams' own notation: elsewhere a mention is an @ and the name. */
function drawable(card: Card, mentions: Record<string, string>) {
  const adaptive = adaptiveCard(card, { mentions, now: new Date().toISOString() })
  const entities = adaptive.msteams?.entities ?? []
  return {
    ...adaptive,
    msteams: undefined,
    body: adaptive.body.map((element) =>
      element.type === 'TextBlock'
        ? {
            ...element,
            text: entities.reduce(
              (text, at) => text.replaceAll(at.text, `@${at.mentioned.name}`),
              element.text,
            ),
          }
        : element,
    ),
  }
}
