/** Whatever people, alerts or the model write, the platforms take the card, and show the words as words. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { blockKit } from '../../src/adapters/slack/block-kit.ts'
import { adaptiveCard } from '../../src/messages/adaptive-card.ts'
import type { Block, Button, Card, Span, Text } from '../../src/messages/card.ts'
import { plainText, plainWords } from '../../src/messages/plain-text.ts'
import { clean, cutAt, shorten } from '../../src/messages/shorten.ts'
import { anyText, length, list, type Node, nodes, parses, textOf } from './limits-support.ts'

const at = fc.constantFrom('2026-01-05T14:02:00Z', '2026-01-05T14:02:00.123Z', 'no time')
const span: fc.Arbitrary<Span> = fc.oneof(
  anyText,
  fc.record({ type: fc.constant('strong' as const), text: anyText }),
  fc.record({ type: fc.constant('code' as const), text: anyText }),
  fc.record({
    type: fc.constant('person' as const),
    id: fc.constantFrom('p1', 'p2', 'p3', '__proto__'),
    name: anyText,
    ping: fc.boolean(),
  }),
  fc.record({ type: fc.constant('time' as const), at, style: fc.constantFrom('clock', 'date', 'ago') }),
  fc.record({
    type: fc.constant('link' as const),
    url: fc.constantFrom('https://ok.example/?a=1&b=<2>', 'javascript:alert(1)', 'no url'),
    text: anyText,
  }),
)
const text: fc.Arbitrary<Text> = fc.oneof(anyText, fc.array(span, { maxLength: 5 }))
const button: fc.Arbitrary<Button> = fc.record(
  {
    text: anyText,
    style: fc.constantFrom('primary', 'danger'),
    action: fc.record({
      type: fc.constant('perform' as const),
      operation: fc.constantFrom('acknowledge', 'resolve', 'a'.repeat(300)),
      input: fc.record({
        incident: fc.string({ maxLength: 200 }),
        note: fc.constantFrom('', 'x'.repeat(1200)),
      }),
    }),
    confirm: fc.record({ title: anyText, text: anyText, yes: anyText }),
  },
  { requiredKeys: ['text', 'action'] },
)
const block: fc.Arbitrary<Block> = fc.oneof(
  fc.record({ type: fc.constantFrom('heading', 'text', 'context'), text }) as fc.Arbitrary<Block>,
  fc.record({
    type: fc.constant('facts' as const),
    facts: fc.array(fc.record({ name: anyText, value: text }), { maxLength: 25 }),
  }),
  fc.record({ type: fc.constant('lines' as const), lines: fc.array(text, { maxLength: 40 }) }),
  fc.record({ type: fc.constant('code' as const), text: anyText }),
  fc.constant({ type: 'divider' as const }),
  fc.record({ type: fc.constant('buttons' as const), buttons: fc.array(button, { maxLength: 30 }) }),
)
const card: fc.Arbitrary<Card> = fc.record(
  {
    summary: anyText,
    blocks: fc.array(block, { maxLength: 12 }),
    buttons: fc.array(button, { maxLength: 7 }),
    whole: fc.constantFrom('show INC-001', 'x'.repeat(500)),
  },
  { requiredKeys: ['summary', 'blocks'] },
)
const runs = { numRuns: 150 }
const slackMentions = { mentions: { p1: 'U0IDA', p2: '<!channel>' } }
const teamsMentions = { mentions: { p1: '29:ida', p2: '29:ivo' } }

const withinSlackLimits = (blocks: unknown[]): void => {
  expect(blocks.length).toBeGreaterThan(0)
  expect(blocks.length).toBeLessThanOrEqual(50)
  expect(JSON.stringify(blocks).length).toBeLessThanOrEqual(12_000)
  const all = nodes(blocks)
  const ids = all.filter((node) => node.action_id).map((node) => node.action_id)
  expect(new Set(ids).size).toBe(ids.length)
  for (const node of all) {
    if (typeof node.text === 'string') {
      expect(node.text.isWellFormed()).toBe(true)
      expect(node.text.length).toBeGreaterThan(0)
      expect(node.text.length).toBeLessThanOrEqual(3000)
      // Only what code made is parsed: our mentions and times, beside words that mean nothing in mrkdwn.
      const rest = node.text.replace(/<@U0IDA>|<!date\^\d+\^[{}_a-z, ]+\|[-\d: ]+UTC>/g, '')
      if (node.type === 'mrkdwn') {
        expect(node.verbatim).toBe(true)
        expect(plainWords(rest)).toBe(true)
      } else expect(node.text).not.toMatch(/[<>]|&(?!amp;|lt;|gt;)/)
    }
    if (node.type === 'plain_text') expect(node.emoji).toBe(false)
    if (node.type === 'user') expect(node.user_id).toBe('U0IDA')
    if (node.type === 'link') expect(node.url).toMatch(/^https:\/\/ok\.example\//)
    if (node.type === 'header') expect(textOf(node.text)).toBeLessThanOrEqual(150)
    if (node.type === 'actions') expect(list(node.elements).length).toBeLessThanOrEqual(25)
    if (node.type === 'context') expect(list(node.elements).length).toBeLessThanOrEqual(10)
    if (node.fields) {
      expect(list(node.fields).length).toBeLessThanOrEqual(10)
      for (const field of list(node.fields)) expect(length(field.text)).toBeLessThanOrEqual(2000)
    }
    if (node.type === 'button') {
      expect(textOf(node.text)).toBeLessThanOrEqual(75)
      expect(length(node.value)).toBeLessThanOrEqual(2000)
      expect(node.value).not.toMatch(/[<>&]/)
      expect(length(node.action_id)).toBeLessThanOrEqual(255)
    }
    if (node.confirm && node.type === 'button') {
      const confirm = node.confirm as Node
      expect(textOf(confirm.title)).toBeLessThanOrEqual(100)
      expect(textOf(confirm.text)).toBeLessThanOrEqual(300)
      expect(textOf(confirm.confirm)).toBeLessThanOrEqual(30)
    }
  }
}

describe('any card', () => {
  test('is taken by Slack, whatever people wrote in it', () => {
    fc.assert(
      fc.property(card, (any) => {
        const { text: fallback, blocks } = blockKit(any, slackMentions)
        expect(fallback.length).toBeLessThanOrEqual(3000)
        expect(fallback).not.toMatch(/[<>]|&(?!amp;|lt;|gt;)/)
        withinSlackLimits(blocks)
      }),
      runs,
    )
  })

  test('is taken by Teams, whatever people wrote in it', () => {
    fc.assert(
      fc.property(card, (any) => {
        const json = adaptiveCard(any, teamsMentions)
        const body = JSON.stringify(json)
        expect(Buffer.byteLength(body)).toBeLessThanOrEqual(28 * 1024)
        parses(json)
        const entities = json.msteams?.entities ?? []
        for (const entity of entities) expect(body).toContain(entity.text)
        for (const node of nodes(json.body)) {
          if (typeof node.text !== 'string' || (node.type !== 'TextBlock' && node.type !== 'TextRun'))
            continue
          expect(node.text.isWellFormed()).toBe(true)
          const times = /\{\{(?:DATE|TIME)\(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ(?:, SHORT)?\)\}\}/g
          if (node.type === 'TextBlock') {
            // The only text that is read as Markdown holds our mentions and times, and words that mean nothing in it.
            const rest = entities.reduce((left, entity) => left.replaceAll(entity.text, ''), node.text)
            expect(plainWords(rest.replace(times, ''))).toBe(true)
          } else {
            expect(node.text).not.toMatch(/<\/?at\b/i)
            expect(node.text.replaceAll('{{TIME(2026-01-05T14:02:00Z)}}', '').replace(times, '')).not.toMatch(
              /\{\{(DATE|TIME)\(/,
            )
          }
        }
      }),
      runs,
    )
  })

  test('keeps to the limit of its plain text, and cuts no character in two', () => {
    fc.assert(
      fc.property(card, fc.integer({ min: 1, max: 400 }), (any, limit) => {
        const words = plainText(any, { limit })
        expect(words.length).toBeLessThanOrEqual(limit)
        expect(words.isWellFormed()).toBe(true)
      }),
      runs,
    )
  })

  test('says that it is shortened wherever it is', () => {
    fc.assert(
      fc.property(fc.array(anyText, { minLength: 1, maxLength: 6 }), (texts) => {
        const whole = {
          summary: 's',
          whole: 'show INC-001',
          blocks: texts.map((t) => ({ type: 'text' as const, text: t })),
        }
        const letters = (value: string) => value.replace(/[\s\u200b\u00a0]/g, '')
        const unescaped = (value: string) =>
          value.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&')
        const wanted = letters(texts.map(clean).join(''))
        const shown = (json: unknown) =>
          letters(
            nodes(json)
              .map((node) => (typeof node.text === 'string' ? node.text : ''))
              .join(''),
          )
        const note = letters('Shortened. The whole: show INC-001')
        for (const out of [
          unescaped(shown(blockKit(whole, slackMentions).blocks)),
          shown(adaptiveCard(whole, teamsMentions).body),
        ])
          expect(out === wanted || out.endsWith(note) || wanted === '').toBe(true)
      }),
      runs,
    )
  })
})

test('a text is cut between characters as people see them, never inside one', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.integer({ min: 0, max: 80 }), (any, max) => {
      expect(shorten(any, max).length).toBeLessThanOrEqual(max)
      expect(shorten(any, max).isWellFormed()).toBe(true)
    }),
  )
  expect(cutAt('👨‍👩‍👧‍👦👨‍👩‍👧‍👦', 15)).toBe(11)
  expect(cutAt('ae\u0301', 2)).toBe(1)
  expect(shorten('a'.repeat(100), 75)).toBe(`${'a'.repeat(62)}… (shortened)`)
  expect(shorten('Acknowledge the incident', 10)).toBe('Acknowled…')
})

test('a long list says how many lines are left out, and where the whole is', () => {
  const lines = Array.from({ length: 2000 }, (_, index) => `INC-${index} Checkout is down in this region`)
  const long: Card = { summary: 'Open', whole: 'list open', blocks: [{ type: 'lines', lines }] }
  for (const out of [blockKit(long, slackMentions).blocks, adaptiveCard(long, teamsMentions).body]) {
    const all = JSON.stringify(out)
    const more = Number(/… and (\d+) more/.exec(all)?.[1])
    expect(all).toContain(`INC-${2000 - more - 1} `)
    expect(all).not.toContain(`INC-${2000 - more} `)
    expect(all).toContain('Shortened. The whole: list open')
  }
  expect(plainText(long, { limit: 160 })).toMatch(/… \(shortened\)\nWhole: list open$/)
})

test('a button that carries more than Slack keeps is a mistake in the card', () => {
  const heavy: Button = { text: 'Go', action: { type: 'share', answer: 'x'.repeat(2000) } }
  expect(() => blockKit({ summary: 's', blocks: [], buttons: [heavy] }, slackMentions)).toThrow('share')
})
