/** One card, and what Slack, Teams and a plain reader get of it, side by side. */
import { AdaptiveCard, SerializationContext, Versions } from 'adaptivecards'
import { expect, test } from 'vitest'
import { blockKit } from '../../src/adapters/slack/block-kit.ts'
import { cardActivity, onlyText, refreshVerb, teamsCard } from '../../src/adapters/teams/render.ts'
import { viewersOf } from '../../src/core/incident-accounts.ts'
import type { Card } from '../../src/messages/card.ts'
import { incidentButtons } from '../../src/messages/incident-card.ts'
import { pageCard } from '../../src/messages/page-card.ts'
import { plainText } from '../../src/messages/plain-text.ts'
import { createWorld } from '../people/support.ts'

const aad = 'b1ee5e3c-0000-4000-8000-000000000001'
const mentions = { ivo: aad }
const slack = { mentions: { ivo: 'U0IVO' } }

/** As the package that Teams itself is built on reads it. */
const parses = (json: unknown): void => {
  const context = new SerializationContext(Versions.v1_5)
  const parsed = new AdaptiveCard()
  parsed.parse(json, context)
  const events = Array.from({ length: context.eventCount }, (_, index) => context.getEventAt(index).message)
  expect(events).toEqual([])
  expect(parsed.validateProperties().validationEvents).toEqual([])
}

const open = { status: 'OPEN', version: 3, acknowledged: false, assigned: false } as const
const incident: Card = {
  summary: 'INC-042 Checkout is down',
  whole: 'show INC-042',
  blocks: [
    { type: 'heading', text: '🔴 INC-042  Checkout is down' },
    { type: 'text', text: 'Status: OPEN   Priority: P1' },
    { type: 'facts', facts: [{ name: 'Impact', value: 'carts *fail* <at>all</at>' }] },
  ],
  buttons: incidentButtons({ key: 'INC-042', title: 'Checkout is down', ...open }),
  views: { incident: 'INC-042', users: [aad] },
}

test('an incident: the same words, buttons as Teams needs them, and views of their own', () => {
  const { blocks } = blockKit(incident, slack)
  expect(blocks[0]).toMatchObject({ type: 'header', text: { text: '🔴 INC-042  Checkout is down' } })
  expect(JSON.stringify(blocks)).not.toContain(aad)

  const card = teamsCard(incident, mentions)
  parses(card)
  expect(card.body).toMatchObject([
    { type: 'TextBlock', text: '🔴 INC-042  Checkout is down', style: 'heading' },
    { type: 'RichTextBlock', inlines: [{ text: 'Status: OPEN   Priority: P1' }] },
    { type: 'RichTextBlock', inlines: [{ text: 'Impact: carts *fail* <\u200bat>all<\u200b/at>' }] },
  ])
  const perform = (operation: string) => ({
    action: { type: 'perform', operation, input: { incident: 'INC-042' }, asOf: 3 },
  })
  expect(card.actions).toEqual([
    {
      type: 'Action.Execute',
      title: 'Acknowledge',
      verb: 'acknowledge',
      style: 'positive',
      data: perform('acknowledge'),
    },
    { type: 'Action.Execute', title: 'Take', verb: 'take', data: perform('take') },
    // Only a submit button opens a dialog.
    {
      type: 'Action.Submit',
      title: 'Update',
      data: {
        msteams: { type: 'task/fetch' },
        action: { type: 'form', form: 'update_incident', values: { incident: 'INC-042' } },
      },
    },
    { type: 'Action.Execute', title: 'Escalate', verb: 'escalate', data: perform('escalate') },
    // Asked once more, in the card itself.
    {
      type: 'Action.ShowCard',
      title: 'Resolve',
      card: {
        type: 'AdaptiveCard',
        body: [
          {
            type: 'RichTextBlock',
            inlines: [{ type: 'TextRun', text: 'Resolve INC-042?', weight: 'Bolder' }],
          },
          {
            type: 'RichTextBlock',
            spacing: 'None',
            inlines: [{ type: 'TextRun', text: 'Checkout is down. It can be reopened until it is closed.' }],
          },
        ],
        actions: [{ type: 'Action.Execute', title: 'Resolve', verb: 'resolve', data: perform('resolve') }],
      },
    },
  ])
  expect(card.refresh).toEqual({
    userIds: [`8:orgid:${aad}`],
    action: {
      type: 'Action.Execute',
      title: 'Refresh',
      verb: refreshVerb,
      data: {
        action: {
          type: 'perform',
          operation: 'view_incident_details',
          input: { incident: 'INC-042' },
        },
      },
    },
  })
  expect(cardActivity(card, incident.summary)).toMatchObject({
    type: 'message',
    summary: 'INC-042 Checkout is down',
    attachments: [{ contentType: 'application/vnd.microsoft.card.adaptive' }],
  })
  expect(plainText(incident)).toContain('INC-042')
})

test('a page to a channel calls people by real mentions, and nobody whose name is only words', () => {
  const page = pageCard(
    {
      incident: { id: 'i', key: 'INC-042', title: 'Down <at>Ivo Lang</at>', priority: 'P1', version: 3 },
      why: 'payments is on call.',
      people: [
        { id: 'ivo', name: 'Ivo Lang' },
        { id: 'maya', name: 'Maya </at><at>Everyone' },
      ],
    } as Parameters<typeof pageCard>[0],
    'page-1',
  )
  const kit = JSON.stringify(blockKit(page, slack).blocks)
  expect(kit).toContain('U0IVO')
  const card = teamsCard(page, mentions)
  parses(card)
  expect(card.msteams?.entities).toEqual([
    { type: 'mention', text: '<at>Ivo Lang</at>', mentioned: { id: aad, name: 'Ivo Lang' } },
  ])
  const text = JSON.stringify(card.body)
  expect(text.split('<at>').length - 1).toBe(1)
  expect(card.actions?.[0]).toMatchObject({ type: 'Action.Execute', title: 'Acknowledge' })
  expect(plainText(page)).toContain('Ivo Lang')
})

test('views of sixty people, and no more, still fit into 28 KB beside endless text', () => {
  const users = Array.from(
    { length: 100 },
    (_, n) => `b1ee5e3c-0000-4000-8000-${String(n).padStart(12, '0')}`,
  )
  const long: Card = {
    ...incident,
    blocks: [...incident.blocks, { type: 'text', text: 'ü'.repeat(100_000) }],
    views: { incident: 'INC-042', users },
  }
  const card = teamsCard(long, mentions)
  parses(card)
  expect(card.refresh?.userIds).toHaveLength(60)
  expect(card.actions).toHaveLength(5)
  expect(Buffer.byteLength(JSON.stringify(card))).toBeLessThanOrEqual(28 * 1024)
  expect(JSON.stringify(card)).toContain('show INC-042')
  expect(JSON.stringify(cardActivity(card, long.summary)).length).toBeLessThan(40_000)
})

test('a card that Teams refuses is its plain words, in which nothing is markup or a mention', () => {
  const activity = onlyText({
    summary: 'x',
    blocks: [{ type: 'text', text: '**a** <at>b</at> [c](http://d)' }],
  })
  expect(activity).toMatchObject({ textFormat: 'plain' })
  expect(activity.text).not.toMatch(/<\/?at>/)
})

test('views are for those on the incident who have an account there, nobody else, and in Teams alone', async () => {
  const world = await createWorld()
  try {
    const payments = await world.team('payments')
    const names = ['Ida', 'Ivo', 'Maya', 'Pat', 'Olga'] as const
    const ids = Object.fromEntries(
      await Promise.all(
        names.map(async (name) => {
          const teams = name === 'Maya' ? [payments] : []
          return [name, await world.person(name, { teams })]
        }),
      ),
    )
    for (const workspace of [world.teams, world.slack])
      for (const name of names)
        await world.owner
          .insertInto('identities')
          .values({
            org_id: world.orgId,
            workspace_id: workspace.id,
            external_id: `${workspace.platform}-${name}`,
            person_id: ids[name]!,
            name,
            email: null,
            kind: name === 'Pat' ? 'guest' : 'member',
          })
          .execute()
    const id = '00000000-0000-7000-8000-00000000aaaa'
    const none = {
      description: null,
      department: null,
      category: null,
      business_impact: null,
      customers_affected: null,
      merged_into: null,
      acknowledged_at: null,
      acknowledged_by: null,
      resolved_at: null,
      closed_at: null,
      reminded_at: null,
    }
    await world.owner
      .insertInto('incidents')
      .values({
        org_id: world.orgId,
        id,
        number: 1,
        title: 'Down',
        priority: 'P1',
        reporter_id: ids.Ida!,
        assignee_id: ids.Pat!,
        team_id: payments,
        ...none,
      })
      .execute()
    await world.owner
      .insertInto('incident_people')
      .values({ org_id: world.orgId, incident_id: id, person_id: ids.Ivo!, relation: 'follower' })
      .execute()
    const of = (workspaceId: string) => world.within(({ tx }) => viewersOf(tx, world.orgId, id, workspaceId))
    expect(await of(world.teams.id)).toEqual(['teams-Ida', 'teams-Ivo', 'teams-Maya'])
    expect(await of(world.slack.id)).toEqual([])
  } finally {
    await world.close()
  }
})
