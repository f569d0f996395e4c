/**
 * A neutral form as a Slack modal, and its submission back as values. Limits: docs.slack.dev/reference/views and
 * the elements' pages: title, submit and close 24 characters, label and hint 2,000, private_metadata 3,000,
 * 100 blocks, 100 options of 75 characters, an input of 3,000.
 */
import type { InputBlock, ModalView, PlainTextInput, StaticSelect } from '@slack/types'
import type { Form, FormField } from '../../messages/card.ts'
import { shorten } from '../../messages/shorten.ts'
import { opaqueJson, plain } from './rich-text.ts'

const maxFields = 100
const maxOptions = 100
const maxInput = 3000
const maxMetadata = 3000

const select = (field: FormField & { type: 'select' }) => {
  const usable = field.options.filter(({ value }) => value.length > 0 && value.length <= 75)
  const options = usable.slice(0, maxOptions).map(({ value, text }) => ({ text: plain(text, 75), value }))
  const initial = options.find(({ value }) => value === field.value)
  const element: StaticSelect = {
    type: 'static_select',
    action_id: field.name,
    options,
    ...(initial && { initial_option: initial }),
  }
  return { element, dropped: field.options.length - options.length }
}

const input = (field: FormField): PlainTextInput => {
  const max = Math.min((field.type === 'select' ? undefined : field.maxLength) ?? maxInput, maxInput)
  return {
    type: 'plain_text_input',
    action_id: field.name,
    multiline: field.type === 'multiline',
    max_length: max,
    // Not escaped: it is what stands in the box, and comes back as it stands there.
    ...(field.value && { initial_value: shorten(field.value, max) }),
  }
}

const inputBlock = (field: FormField): InputBlock => {
  // Slack refuses a select without options: then its value is typed.
  const list = field.type === 'select' && field.options.length > 0 ? select(field) : undefined
  const chosen = list?.element.options?.length ? list : undefined
  const hints = [
    field.hint,
    chosen?.dropped
      ? `The list is shortened: ${chosen.dropped} more can be named in the command.`
      : undefined,
  ].filter((hint) => hint !== undefined)
  return {
    type: 'input',
    block_id: field.name,
    label: plain(field.label, 2000),
    optional: field.optional ?? false,
    element: chosen?.element ?? input(field),
    ...(hints.length > 0 && { hint: plain(hints.join(' '), 2000) }),
  }
}

/** Throws where the form cannot be one modal: too many fields, or hidden values past 3,000 characters. */
export const modal = (form: Form, options: { callbackId: string; privateMetadata: string }): ModalView => {
  const metadata = opaqueJson({ hidden: form.hidden ?? {}, metadata: options.privateMetadata })
  if (metadata.length > maxMetadata)
    throw new Error(
      `The form ${form.operation} hides ${metadata.length} characters; Slack keeps ${maxMetadata}.`,
    )
  if (form.fields.length > maxFields)
    throw new Error(`The form ${form.operation} has ${form.fields.length} fields; Slack shows ${maxFields}.`)
  return {
    type: 'modal',
    callback_id: options.callbackId,
    private_metadata: metadata,
    title: plain(form.title, 24),
    submit: plain(form.submit, 24),
    close: plain('Cancel', 24),
    blocks: form.fields.map(inputBlock),
  }
}

/** What of Slack's view is read: Bolt's `ViewOutput` is one. */
export type SubmittedView = {
  private_metadata: string
  state: {
    values: Record<
      string,
      Record<string, { value?: string | null; selected_option?: { value: string } | null }>
    >
  }
}

/** Fields left empty are not among the values. `hidden` came back through the client: trust it for nothing. */
export const readSubmission = (
  view: SubmittedView,
): { values: Record<string, string>; hidden: Record<string, unknown>; privateMetadata: string } => {
  const values: Record<string, string> = {}
  for (const elements of Object.values(view.state.values))
    for (const [name, state] of Object.entries(elements)) {
      const value = state.value ?? state.selected_option?.value
      if (value) values[name] = value
    }
  const kept = JSON.parse(view.private_metadata || '{}') as {
    hidden?: Record<string, unknown>
    metadata?: string
  }
  return { values, hidden: kept.hidden ?? {}, privateMetadata: kept.metadata ?? '' }
}
