/**
 * A neutral form as a dialog of Teams, and its submission back as values.
 * learn.microsoft.com/microsoftteams/platform/task-modules-and-cards/task-modules/task-modules-bots
 */
import { z } from 'zod'
import { adaptiveForm } from '../../messages/adaptive-card.ts'
import type { AdaptiveElement } from '../../messages/adaptive-json.ts'
import type { Form } from '../../messages/card.ts'
import { clean, shorten } from '../../messages/shorten.ts'
import type { InvokeAnswer } from './application.ts'
import { cardType } from './render.ts'

/** What is written above a dialog; longer ones are cut by Teams in the middle of a word. */
const longestTitle = 60
const longestError = 600

const error = (text: string): AdaptiveElement => ({
  type: 'RichTextBlock',
  inlines: [{ type: 'TextRun', text: shorten(clean(text), longestError), color: 'Attention' }],
})

/** An error stands below its field; what belongs to none of the fields stands on top. */
const withErrors = (body: AdaptiveElement[], errors: Record<string, string>): AdaptiveElement[] => {
  const left = new Map(Object.entries(errors))
  const shown = body.flatMap((element) => {
    const id = 'id' in element ? element.id : undefined
    const text = id === undefined ? undefined : left.get(id)
    if (id === undefined || text === undefined) return [element]
    left.delete(id)
    return [element, error(text)]
  })
  return [...[...left.values()].map(error), ...shown]
}

export const dialog = (form: Form, errors: Record<string, string> = {}): InvokeAnswer => {
  const card = adaptiveForm(form)
  return {
    status: 200,
    body: {
      task: {
        type: 'continue',
        value: {
          title: shorten(clean(form.title), longestTitle),
          height: 'medium',
          width: 'medium',
          card: { contentType: cardType, content: { ...card, body: withErrors(card.body, errors) } },
        },
      },
    },
  }
}

/** Words in place of a dialog. */
export const dialogMessage = (text: string): InvokeAnswer => ({
  status: 200,
  body: { task: { type: 'message', value: text } },
})

/** Nothing to show: Teams closes the dialog. */
export const closed: InvokeAnswer = { status: 200 }

/** The card's own data, and each field under its name. What came back through the client is trusted for nothing. */
const submissionShape = z.looseObject({
  form: z.looseObject({
    operation: z.string().min(1).max(100),
    hidden: z.record(z.string(), z.unknown()).optional(),
  }),
})

export type Submitted = {
  operation: string
  values: Record<string, string>
  hidden: Record<string, unknown>
}

/** Fields left empty are not among the values. */
export const readSubmission = (data: unknown): Submitted | undefined => {
  const parsed = submissionShape.safeParse(data)
  if (!parsed.success) return undefined
  const { form, ...fields } = parsed.data
  const values: Record<string, string> = {}
  for (const [name, value] of Object.entries(fields))
    if (typeof value === 'string' && value !== '') values[name] = value
  return { operation: form.operation, values, hidden: form.hidden ?? {} }
}

/** The same form with what was typed, and what it was opened with, as they were. */
export const asTyped = (form: Form, { values, hidden }: Submitted): Form => ({
  ...form,
  hidden,
  fields: form.fields.map((field) => ({ ...field, value: values[field.name] })),
})
