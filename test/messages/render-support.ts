/** What the tests of cards and forms write, and what they expect Slack, Teams and the console to get. */
import type { Button, Span } from '../../src/messages/card.ts'

export const slack = { mentions: { ivo: 'U0IVO', maya: 'U0MAYA' } }
export const teams = { mentions: { ivo: '29:ivo', maya: '29:maya' } }

export const perform = (text: string, operation: string, more: Partial<Button> = {}): Button => ({
  text,
  action: { type: 'perform', operation, input: { incident: 'INC-042' } },
  ...more,
})
export const person = (id: string, name: string, ping = false): Span => ({ type: 'person', id, name, ping })
export const clock = (at: string): Span => ({ type: 'time', at: `2026-01-05T${at}:00Z`, style: 'clock' })

// What Slack is expected to get.
export const plain = (text: string) => ({ type: 'plain_text', text, emoji: false })
export const header = (text: string) => ({ type: 'header', text: plain(text) })
export const rich = (...elements: unknown[]) => ({
  type: 'rich_text',
  elements: [{ type: 'rich_text_section', elements }],
})
export const words = (text: string) => ({ type: 'text', text })
export const kitButton = (text: string, operation: string, more: object = {}) => ({
  type: 'button',
  action_id: operation,
  text: plain(text),
  value: `{"type":"perform","operation":"${operation}","input":{"incident":"INC-042"}}`,
  ...more,
})

// What Teams and the console are expected to get.
export const title = (text: string) => ({
  type: 'TextBlock',
  text,
  wrap: true,
  style: 'heading',
  weight: 'Bolder',
  size: 'Medium',
})
export const runs = (...inlines: unknown[]) => ({ type: 'RichTextBlock', inlines })
export const run = (text: string, more: object = {}) => ({ type: 'TextRun', text, ...more })
export const close = (element: object) => ({ ...element, spacing: 'None' })
export const execute = (text: string, operation: string, more: object = {}, data: object = {}) => ({
  type: 'Action.Execute',
  title: text,
  verb: operation,
  data: { action: { type: 'perform', operation, input: { incident: 'INC-042' } }, ...data },
  ...more,
})
