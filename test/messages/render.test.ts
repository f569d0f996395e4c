/** One card, and what Slack, Teams and a plain reader get of it, side by side. */
import { expect, test } from 'vitest'
import { blockKit } from '../../src/adapters/slack/block-kit.ts'
import { modal } from '../../src/adapters/slack/modal.ts'
import { adaptiveCard, adaptiveForm } from '../../src/messages/adaptive-card.ts'
import type { Button, Card, Form, Span } from '../../src/messages/card.ts'
import { plainText } from '../../src/messages/plain-text.ts'

const slack = { mentions: { ivo: 'U0IVO', maya: 'U0MAYA' } }
const teams = { mentions: { ivo: '29:ivo', maya: '29:maya' } }

const perform = (text: string, operation: string, more: Partial<Button> = {}): Button => ({
  text,
  action: { type: 'perform', operation, input: { incident: 'INC-042' } },
  ...more,
})
const person = (id: string, name: string, ping = false): Span => ({ type: 'person', id, name, ping })
const clock = (at: string): Span => ({ type: 'time', at: `2026-01-05T${at}:00Z`, style: 'clock' })

// What Slack is expected to get.
const plain = (text: string) => ({ type: 'plain_text', text, emoji: false })
const header = (text: string) => ({ type: 'header', text: plain(text) })
const rich = (...elements: unknown[]) => ({
  type: 'rich_text',
  elements: [{ type: 'rich_text_section', elements }],
})
const words = (text: string) => ({ type: 'text', text })
const kitButton = (text: string, operation: string, more: object = {}) => ({
  type: 'button',
  action_id: operation,
  text: plain(text),
  value: `{"type":"perform","operation":"${operation}","input":{"incident":"INC-042"}}`,
  ...more,
})

// What Teams and the console are expected to get.
const title = (text: string) => ({
  type: 'TextBlock',
  text,
  wrap: true,
  style: 'heading',
  weight: 'Bolder',
  size: 'Medium',
})
const runs = (...inlines: unknown[]) => ({ type: 'RichTextBlock', inlines })
const run = (text: string, more: object = {}) => ({ type: 'TextRun', text, ...more })
const close = (element: object) => ({ ...element, spacing: 'None' })
const execute = (text: string, operation: string, more: object = {}, data: object = {}) => ({
  type: 'Action.Execute',
  title: text,
  verb: operation,
  data: { action: { type: 'perform', operation, input: { incident: 'INC-042' } }, ...data },
  ...more,
})

const incident: Card = {
  summary: 'INC-042 Checkout is down',
  whole: 'show INC-042',
  blocks: [
    { type: 'heading', text: '🔴 INC-042  Checkout is down' },
    { type: 'text', text: 'Status: IN_PROGRESS   Priority: P1' },
    {
      type: 'context',
      text: [
        'Commander ',
        person('ida', 'Ida Torres'),
        ' · opened ',
        { type: 'time', at: '2026-01-05T14:02:00Z', style: 'ago' },
      ],
    },
    {
      type: 'facts',
      facts: [
        { name: 'Services', value: 'api-gateway, postgres' },
        { name: 'Impact', value: 'carts *fail* at <payment> & <!channel>' },
      ],
    },
    { type: 'divider' },
    { type: 'text', text: ['Last ', clock('14:12'), ' ', person('ida', 'Ida Torres'), ': failing over'] },
  ],
  buttons: [perform('Acknowledge', 'acknowledge', { style: 'primary' }), perform('Resolve', 'resolve')],
}

test('an incident', () => {
  expect(blockKit(incident, slack)).toEqual({
    text: 'INC-042 Checkout is down',
    blocks: [
      header('🔴 INC-042  Checkout is down'),
      rich(words('Status: IN_PROGRESS   Priority: P1')),
      {
        type: 'context',
        elements: [
          {
            type: 'mrkdwn',
            text: 'Commander Ida Torres · opened <!date^1767621720^{time}, {ago}|14:02 UTC>',
            verbatim: true,
          },
        ],
      },
      {
        type: 'section',
        fields: [
          plain('Services: api-gateway, postgres'),
          plain('Impact: carts *fail* at &lt;payment&gt; &amp; &lt;!channel&gt;'),
        ],
      },
      { type: 'divider' },
      rich(
        words('Last '),
        { type: 'date', timestamp: 1767622320, format: '{time}', fallback: '14:12 UTC' },
        words(' Ida Torres: failing over'),
      ),
      {
        type: 'actions',
        elements: [
          kitButton('Acknowledge', 'acknowledge', { style: 'primary' }),
          kitButton('Resolve', 'resolve'),
        ],
      },
    ],
  })
  const small = { size: 'Small', isSubtle: true }
  expect(adaptiveCard(incident, { ...teams, now: '2026-01-05T14:14:00Z' })).toEqual({
    type: 'AdaptiveCard',
    $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
    version: '1.5',
    fallbackText: 'INC-042 Checkout is down',
    body: [
      title('🔴 INC-042  Checkout is down'),
      runs(run('Status: IN_PROGRESS   Priority: P1')),
      runs(run('Commander Ida Torres · opened {{TIME(2026-01-05T14:02:00Z)}}, 12 min ago', small)),
      runs(run('Services: api-gateway, postgres')),
      close(runs(run('Impact: carts *fail* at <payment> & <!channel>'))),
      {
        ...runs(run('Last {{TIME(2026-01-05T14:12:00Z)}} Ida Torres: failing over')),
        separator: true,
        spacing: 'Medium',
      },
    ],
    actions: [execute('Acknowledge', 'acknowledge', { style: 'positive' }), execute('Resolve', 'resolve')],
  })
  expect(plainText(incident, { now: '2026-01-05T14:14:00Z' })).toBe(
    `INC-042 Checkout is down
Status: IN_PROGRESS   Priority: P1
Commander Ida Torres · opened 14:02 UTC, 12 min ago
Services: api-gateway, postgres
Impact: carts *fail* at <payment> & <!channel>
Last 14:12 UTC Ida Torres: failing over
[Acknowledge] [Resolve]`,
  )
})

test('a page, which mentions whom it pages', () => {
  const page: Card = {
    summary: 'INC-042 needs you: Checkout is down (P1)',
    blocks: [
      { type: 'heading', text: 'INC-042 needs you: Checkout is down (P1)' },
      { type: 'text', text: [person('ivo', 'Ivo Lang', true), ', you are on call for payments.'] },
      { type: 'text', text: ['Next: ', person('maya', 'Maya Okafor', true), ' for *payments_eu*'] },
      { type: 'text', text: ['Manager: ', person('pat', 'Pat Plain', true)] },
    ],
    buttons: [perform('Acknowledge', 'acknowledge', { style: 'primary', id: 'ack' })],
  }
  expect(blockKit(page, slack).blocks).toEqual([
    header('INC-042 needs you: Checkout is down (P1)'),
    rich({ type: 'user', user_id: 'U0IVO' }, words(', you are on call for payments.')),
    rich(words('Next: '), { type: 'user', user_id: 'U0MAYA' }, words(' for *payments_eu*')),
    rich(words('Manager: Pat Plain')),
    {
      type: 'actions',
      elements: [kitButton('Acknowledge', 'acknowledge', { style: 'primary', action_id: 'ack' })],
    },
  ])
  const mention = (name: string, id: string) => ({
    type: 'mention',
    text: `<at>${name}</at>`,
    mentioned: { id, name },
  })
  expect(adaptiveCard(page, teams)).toMatchObject({
    body: [
      title('INC-042 needs you: Checkout is down (P1)'),
      { type: 'TextBlock', text: '<at>Ivo Lang</at>, you are on call for payments.', wrap: true },
      // Words that Markdown would read stay out of the text block that the mention needs.
      runs(run('Next: Maya Okafor for *payments_eu*')),
      { type: 'TextBlock', text: '<at>Maya Okafor</at>', wrap: true },
      runs(run('Manager: Pat Plain')),
    ],
    actions: [execute('Acknowledge', 'acknowledge', { style: 'positive', verb: 'ack' })],
    msteams: { entities: [mention('Ivo Lang', '29:ivo'), mention('Maya Okafor', '29:maya')] },
  })
  expect(plainText(page)).toBe(
    `INC-042 needs you: Checkout is down (P1)
Ivo Lang, you are on call for payments.
Next: Maya Okafor for *payments_eu*
Manager: Pat Plain
[Acknowledge]`,
  )
  expect(plainText(page, { limit: 80 })).toBe(
    'INC-042 needs you: Checkout is down (P1)\nIvo Lang, you are on call… (shortened)',
  )
})

test('an approval, which asks before it rejects', () => {
  const confirm = { title: 'Reject?', text: 'Olga Brandt is told.', yes: 'Reject' }
  const approval: Card = {
    summary: 'Approve emergency spending for INC-042?',
    blocks: [
      { type: 'heading', text: 'Approve emergency spending for INC-042?' },
      {
        type: 'text',
        text: [
          person('olga', 'Olga Brandt'),
          ' asks for ',
          { type: 'strong', text: '8,400.00 USD' },
          ': "_two_"',
        ],
      },
      { type: 'context', text: ['Needs one of: Finn Weber, Flora Rossi · expires ', clock('15:02')] },
    ],
    buttons: [
      perform('Approve 8,400.00 USD', 'approve', { style: 'primary' }),
      perform('Reject…', 'reject', { style: 'danger', confirm }),
    ],
  }
  expect(blockKit(approval, slack).blocks).toEqual([
    header('Approve emergency spending for INC-042?'),
    rich(
      words('Olga Brandt asks for '),
      { type: 'text', text: '8,400.00 USD', style: { bold: true } },
      words(': "_two_"'),
    ),
    {
      type: 'context',
      elements: [
        {
          type: 'mrkdwn',
          text: 'Needs one of: Finn Weber, Flora Rossi · expires <!date^1767625320^{time}|15:02 UTC>',
          verbatim: true,
        },
      ],
    },
    {
      type: 'actions',
      elements: [
        kitButton('Approve 8,400.00 USD', 'approve', { style: 'primary' }),
        kitButton('Reject…', 'reject', {
          style: 'danger',
          confirm: {
            title: plain('Reject?'),
            text: plain('Olga Brandt is told.'),
            confirm: plain('Reject'),
            deny: plain('Cancel'),
            style: 'danger',
          },
        }),
      ],
    },
  ])
  const small = { size: 'Small', isSubtle: true }
  expect(adaptiveCard(approval, teams)).toMatchObject({
    body: [
      title('Approve emergency spending for INC-042?'),
      runs(run('Olga Brandt asks for '), run('8,400.00 USD', { weight: 'Bolder' }), run(': "_two_"')),
      runs(run('Needs one of: Finn Weber, Flora Rossi · expires {{TIME(2026-01-05T15:02:00Z)}}', small)),
    ],
    actions: [
      execute('Approve 8,400.00 USD', 'approve', { style: 'positive' }),
      execute('Reject…', 'reject', { style: 'destructive' }, { confirm }),
    ],
  })
  expect(plainText(approval)).toBe(
    `Approve emergency spending for INC-042?
Olga Brandt asks for 8,400.00 USD: "_two_"
Needs one of: Finn Weber, Flora Rossi · expires 15:02 UTC
[Approve 8,400.00 USD] [Reject…]`,
  )
})

test('a refusal', () => {
  const refusal: Card = {
    summary: "INC-042's priority was not changed: that needs update_priority.",
    blocks: [
      { type: 'text', text: "INC-042's priority was not changed: that needs update_priority." },
      { type: 'text', text: 'Olga Brandt (operations, online) can.' },
    ],
  }
  expect(blockKit(refusal, slack)).toEqual({
    text: refusal.summary,
    blocks: [
      rich(words("INC-042's priority was not changed: that needs update_priority.")),
      rich(words('Olga Brandt (operations, online) can.')),
    ],
  })
  expect(adaptiveCard(refusal, teams)).toMatchObject({
    body: [
      runs(run("INC-042's priority was not changed: that needs update_priority.")),
      runs(run('Olga Brandt (operations, online) can.')),
    ],
  })
  expect(plainText(refusal)).toBe(
    "INC-042's priority was not changed: that needs update_priority.\nOlga Brandt (operations, online) can.",
  )
})

test('a diagnosis, with a list, a log, a link and a row of buttons', () => {
  const diagnosis: Card = {
    summary: 'api-gateway fails its health check',
    blocks: [
      { type: 'lines', lines: ['1. _health_ fails', ['disk ', { type: 'code', text: '/var' }, ' is full']] },
      { type: 'code', text: 'ERROR <timeout>\n  at connect' },
      { type: 'text', text: ['See ', { type: 'link', url: 'https://logs.example/x', text: 'the logs' }] },
      { type: 'buttons', buttons: [perform('Restart', 'restart'), perform('Restart', 'restart')] },
    ],
  }
  expect(blockKit(diagnosis, slack).blocks).toEqual([
    rich(
      words('1. _health_ fails\ndisk '),
      { type: 'text', text: '/var', style: { code: true } },
      words(' is full'),
    ),
    {
      type: 'rich_text',
      elements: [
        { type: 'rich_text_preformatted', elements: [words('ERROR &lt;timeout&gt;\n  at connect')] },
      ],
    },
    rich(words('See '), { type: 'link', url: 'https://logs.example/x', text: 'the logs' }),
    {
      type: 'actions',
      elements: [
        kitButton('Restart', 'restart'),
        kitButton('Restart', 'restart', { action_id: 'restart:2' }),
      ],
    },
  ])
  const mono = { fontType: 'Monospace' }
  expect(adaptiveCard(diagnosis, teams)).toMatchObject({
    body: [
      runs(run('1. _health_ fails')),
      close(runs(run('disk '), run('/var', mono), run(' is full'))),
      runs(run('ERROR <timeout>', mono)),
      close(runs(run('\u00a0\u00a0at connect', mono))),
      runs(
        run('See '),
        run('the logs', { selectAction: { type: 'Action.OpenUrl', url: 'https://logs.example/x' } }),
      ),
      { type: 'ActionSet', actions: [execute('Restart', 'restart'), execute('Restart', 'restart')] },
    ],
  })
  expect(plainText(diagnosis)).toBe(
    `api-gateway fails its health check
1. _health_ fails
disk /var is full
ERROR <timeout>
  at connect
See the logs (https://logs.example/x)
[Restart] [Restart]`,
  )
})

test('a form', () => {
  const form: Form = {
    operation: 'declare',
    title: 'Declare an incident',
    submit: 'Declare',
    fields: [
      { type: 'text', name: 'title', label: 'Title', maxLength: 200, value: 'a < b' },
      { type: 'multiline', name: 'impact', label: 'Impact', optional: true, hint: 'Who notices?' },
      {
        type: 'select',
        name: 'priority',
        label: 'Priority',
        value: 'P3',
        options: [
          { value: 'P1', text: 'P1 · critical' },
          { value: 'P3', text: 'P3' },
        ],
      },
    ],
    hidden: { from: 'C1' },
  }
  const p3 = { text: plain('P3'), value: 'P3' }
  const input = { type: 'input', optional: false }
  expect(modal(form, { callbackId: 'declare', privateMetadata: '' })).toEqual({
    type: 'modal',
    callback_id: 'declare',
    private_metadata: '{"hidden":{"from":"C1"},"metadata":""}',
    title: plain('Declare an incident'),
    submit: plain('Declare'),
    close: plain('Cancel'),
    blocks: [
      {
        ...input,
        block_id: 'title',
        label: plain('Title'),
        element: {
          type: 'plain_text_input',
          action_id: 'title',
          multiline: false,
          max_length: 200,
          initial_value: 'a < b',
        },
      },
      {
        ...input,
        optional: true,
        block_id: 'impact',
        label: plain('Impact'),
        hint: plain('Who notices?'),
        element: { type: 'plain_text_input', action_id: 'impact', multiline: true, max_length: 3000 },
      },
      {
        ...input,
        block_id: 'priority',
        label: plain('Priority'),
        element: {
          type: 'static_select',
          action_id: 'priority',
          options: [{ text: plain('P1 · critical'), value: 'P1' }, p3],
          initial_option: p3,
        },
      },
    ],
  })
  const needed = { isRequired: true, errorMessage: 'Needed.' }
  expect(adaptiveForm(form)).toMatchObject({
    body: [
      title('Declare an incident'),
      { type: 'Input.Text', id: 'title', label: 'Title', ...needed, value: 'a < b', maxLength: 200 },
      { type: 'Input.Text', id: 'impact', label: 'Impact', isMultiline: true },
      close(runs(run('Who notices?', { size: 'Small', isSubtle: true }))),
      {
        type: 'Input.ChoiceSet',
        id: 'priority',
        label: 'Priority',
        ...needed,
        value: 'P3',
        style: 'compact',
        choices: [
          { title: 'P1 · critical', value: 'P1' },
          { title: 'P3', value: 'P3' },
        ],
      },
    ],
    actions: [
      {
        type: 'Action.Submit',
        title: 'Declare',
        data: { form: { operation: 'declare', hidden: { from: 'C1' } } },
      },
    ],
  })
})
