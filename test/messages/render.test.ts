/** One card, and what Slack, Teams and a plain reader get of it, side by side. */
import { expect, test } from 'vitest'
import { blockKit } from '../../src/adapters/slack/block-kit.ts'
import { adaptiveCard } from '../../src/messages/adaptive-card.ts'
import type { Card } from '../../src/messages/card.ts'
import { plainText } from '../../src/messages/plain-text.ts'
import {
  clock,
  close,
  execute,
  header,
  kitButton,
  perform,
  person,
  plain,
  rich,
  run,
  runs,
  slack,
  teams,
  title,
  words,
} from './render-support.ts'

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
