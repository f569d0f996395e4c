/** A neutral card, and a form, as an Adaptive Card 1.5 for Teams and the console. */
import type {
  AdaptiveAction,
  AdaptiveCardJson,
  AdaptiveElement,
  AdaptiveExecute,
  AdaptiveRefresh,
  TextRun,
} from './adaptive-json.ts'
import { heading, inert, mentionsIn, type Scene, textElements } from './adaptive-text.ts'
import type { Block, Button, Card, Form, FormField, Text } from './card.ts'
import { spans, words } from './plain-text.ts'
import { clean, type Size, shorten, shortenedNote, sizeOf } from './shorten.ts'

export type { AdaptiveCardJson } from './adaptive-json.ts'

/**
 * `now` says how long ago things were: only for a card that is drawn anew whenever somebody looks. `teams` draws
 * buttons as Teams itself needs them: a dialog is opened by Action.Submit alone, and nothing but a card within the
 * card asks before it acts. `refresh` is whose own views Teams asks for.
 */
export type AdaptiveContext = {
  mentions: Record<string, string>
  now?: string
  teams?: boolean
  refresh?: AdaptiveRefresh
}
/** A little under Teams' 28 KB, in bytes of UTF-8 JSON. */
const maxBytes = 28_000
const maxButtons = 5
/** Room for a line that says how many more. */
const moreBytes = 160

export const bytes = (value: unknown): number => Buffer.byteLength(JSON.stringify(value))
const jsonBytes: Size = (char) => Buffer.byteLength(JSON.stringify(char)) - 2

const tight = (elements: AdaptiveElement[]): AdaptiveElement[] =>
  elements.map((element) => ({ ...element, spacing: 'None' as const }))

/** Lines of one block stand close below each other. */
const closely = (lines: AdaptiveElement[][]): AdaptiveElement[][] =>
  lines.map((line, index) => (index > 0 ? tight(line) : line))

const oneLine = (text: Text): Text =>
  spans(text).map((span) =>
    typeof span === 'string'
      ? span.replaceAll('\n', ' ')
      : 'text' in span
        ? { ...span, text: span.text.replaceAll('\n', ' ') }
        : span,
  )

/** Each group is one line of the block, to be shown whole or left out. */
const groups = (block: Block, scene: Scene, press: Press): AdaptiveElement[][] => {
  switch (block.type) {
    case 'heading':
      return [heading(block.text, scene)]
    case 'text':
      return textElements(block.text, scene).map((element) => [element])
    case 'facts':
      // Not a FactSet: it is read as Markdown, and one line a fact is what a narrow phone shows anyway.
      return closely(
        block.facts.map(({ name, value }) =>
          textElements([`${name}: `, ...(words(value).trim() ? spans(value) : ['–'])], scene),
        ),
      )
    case 'lines':
      return closely(block.lines.map((line) => textElements(oneLine(line), scene)))
    case 'code':
      // Leading spaces would be lost in HTML.
      return closely(
        textElements(
          clean(block.text).replace(/^ +/gm, (indent) => '\u00a0'.repeat(indent.length)),
          scene,
          { fontType: 'Monospace' },
        ).map((element) => [element]),
      )
    case 'context':
      return textElements(block.text, scene, { size: 'Small', isSubtle: true }).map((element) => [element])
    case 'divider':
      return []
    case 'buttons': {
      const sets: AdaptiveElement[][] = []
      for (let start = 0; start < block.buttons.length; start += maxButtons)
        sets.push([{ type: 'ActionSet', actions: block.buttons.slice(start, start + maxButtons).map(press) }])
      return sets
    }
  }
}

type Press = (button: Button) => AdaptiveAction

const execute = (button: Button): AdaptiveExecute => {
  const { action, confirm } = button
  const operation =
    action.type === 'perform' ? action.operation : action.type === 'form' ? action.form : 'share'
  return {
    type: 'Action.Execute',
    title: shorten(clean(button.text).trim() || '…', 75),
    verb: button.id ?? operation,
    ...(button.style && { style: button.style === 'primary' ? 'positive' : 'destructive' }),
    data: {
      action,
      ...(confirm && {
        confirm: {
          title: shorten(confirm.title, 100),
          text: shorten(confirm.text, 300),
          yes: shorten(confirm.yes, 30),
        },
      }),
    },
  }
}

const teamsButton = (button: Button): AdaptiveAction => {
  const { data, ...shown } = execute(button)
  const { title, style } = shown
  const { action, confirm } = data
  const look = { title, ...(style && { style }) }
  if (action.type === 'form')
    return { type: 'Action.Submit', ...look, data: { msteams: { type: 'task/fetch' }, action } }
  if (!confirm) return { ...shown, data: { action } }
  const body: AdaptiveElement[] = [
    { type: 'RichTextBlock', inlines: [{ type: 'TextRun', text: inert(confirm.title), weight: 'Bolder' }] },
    ...tight([{ type: 'RichTextBlock', inlines: [{ type: 'TextRun', text: inert(confirm.text) }] }]),
  ]
  const yes: AdaptiveExecute = { ...shown, title: clean(confirm.yes).trim() || title, data: { action } }
  return { type: 'Action.ShowCard', ...look, card: { type: 'AdaptiveCard', body, actions: [yes] } }
}

/** What of an element fits in so many bytes, its last run marked as shortened. */
const cutTo = (element: AdaptiveElement, room: number): AdaptiveElement | undefined => {
  if (element.type !== 'RichTextBlock') return undefined
  const inlines: TextRun[] = []
  let left = room - bytes({ ...element, inlines: [] })
  for (const part of element.inlines) {
    const wrapping = bytes({ ...part, text: '' }) + 1
    const text = left - wrapping > 40 ? shorten(part.text, left - wrapping, jsonBytes) : ''
    if (!text) break
    // A time that was cut in two would show its raw beginning.
    inlines.push({ ...part, text: text.replace(/\{+[^{}]*\}?(?=…(?: \(shortened\))?$)/, '') })
    left -= wrapping + sizeOf(text, jsonBytes)
    if (text !== part.text) break
  }
  return inlines.length > 0 ? { ...element, inlines } : undefined
}

const subtle = (text: string): AdaptiveElement => ({
  type: 'RichTextBlock',
  inlines: [{ type: 'TextRun', text: inert(text), size: 'Small', isSubtle: true }],
})

export const adaptiveCard = (card: Card, context: AdaptiveContext): AdaptiveCardJson => {
  const scene: Scene = { now: context.now, at: mentionsIn(card, context.mentions) }
  const wanted = card.buttons ?? []
  const press: Press = context.teams ? teamsButton : execute
  const actions = wanted.slice(0, maxButtons).map(press)
  while (bytes(actions) > maxBytes / 2) actions.pop()
  const note = subtle(shortenedNote(card.whole))
  const shell: AdaptiveCardJson = {
    type: 'AdaptiveCard',
    $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
    version: '1.5',
    fallbackText: shorten(card.summary, 300),
    ...(context.refresh && { refresh: context.refresh }),
    body: [],
    ...(actions.length > 0 && { actions }),
  }
  const entities = [...scene.at.values()]
  let room = maxBytes - bytes(shell) - bytes(note) - bytes({ msteams: { entities } })
  let shortened = wanted.length > actions.length
  let separator = false
  const body: AdaptiveElement[] = []
  const add = (element: AdaptiveElement) => {
    const placed: AdaptiveElement = separator ? { ...element, separator: true, spacing: 'Medium' } : element
    separator = false
    body.push(placed)
    room -= bytes(placed) + 1
  }
  for (const block of card.blocks) {
    if (block.type === 'divider') separator = body.length > 0
    const all = groups(block, scene, press)
    for (const [index, group] of all.entries()) {
      if (bytes(group) <= room - moreBytes) {
        group.forEach(add)
        continue
      }
      shortened = true
      const part = group[0] && cutTo(group[0], room - moreBytes)
      if (part) add(part)
      const more = all.length - index - (part ? 1 : 0)
      if (block.type === 'lines' && more > 0 && room > moreBytes / 2) add(subtle(`… and ${more} more`))
      break
    }
  }
  if (body.length === 0)
    add({
      type: 'RichTextBlock',
      inlines: [{ type: 'TextRun', text: inert(shorten(clean(card.summary).trim() || '…', 2000)) }],
    })
  const text = JSON.stringify(body)
  const used = entities.filter((mention) => text.includes(mention.text))
  return {
    ...shell,
    body: shortened ? [...body, note] : body,
    ...(used.length > 0 && { msteams: { entities: used } }),
  }
}

const maxOptions = 100

const inputElements = (field: FormField, valueBytes: number): AdaptiveElement[] => {
  const required = field.optional ? {} : { isRequired: true as const, errorMessage: 'Needed.' }
  const value = field.value ? { value: shorten(field.value, valueBytes, jsonBytes) } : {}
  const shape = {
    id: field.name,
    label: shorten(clean(field.label).trim() || field.name, 200),
    ...required,
    ...value,
  }
  const hint = field.hint ? tight([subtle(shorten(field.hint, 300))]) : []
  // A list of nothing cannot be answered: then the value is typed.
  if (field.type === 'select' && field.options.length > 0) {
    const choices = field.options.slice(0, maxOptions).map((option) => ({
      title: shorten(clean(option.text).trim() || option.value, 75),
      value: option.value,
    }))
    const dropped = field.options.length - choices.length
    const note =
      dropped > 0 ? [subtle(`The list is shortened: ${dropped} more can be named in the command.`)] : []
    return [{ type: 'Input.ChoiceSet', ...shape, style: 'compact', choices }, ...hint, ...note]
  }
  const maxLength = field.type === 'select' ? undefined : field.maxLength
  return [
    {
      type: 'Input.Text',
      ...shape,
      ...(field.type === 'multiline' && { isMultiline: true }),
      ...(maxLength && { maxLength }),
    },
    ...hint,
  ]
}

/** The submission's data holds each field by its name, and `form` with the operation and the hidden values. */
export const adaptiveForm = (form: Form): AdaptiveCardJson => {
  const valueBytes = Math.floor(maxBytes / 3 / Math.max(form.fields.length, 1))
  return {
    type: 'AdaptiveCard',
    $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
    version: '1.5',
    fallbackText: shorten(form.title, 300),
    body: [
      ...heading(shorten(form.title, 150), { at: new Map() }),
      ...form.fields.flatMap((field) => inputElements(field, valueBytes)),
    ],
    actions: [
      {
        type: 'Action.Submit',
        title: shorten(clean(form.submit).trim() || 'Send', 75),
        data: { form: { operation: form.operation, hidden: form.hidden ?? {} } },
      },
    ],
  }
}
