import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { channelName } from '../../src/core/own-channel/name.ts'
import { exampleCorp } from '../support/app.ts'
import { type Climb, startClimb } from './support.ts'

const opening = `${exampleCorp}
schedules:
  - name: payments-primary
    team: payments
    time_zone: Europe/London
    layers:
      - { start: 2026-01-05, rotation: weekly, handoff: "Mon 09:00", people: [ida@example.com] }
policies:
  - name: payments
    when: { team: payments }
    steps:
      - { after: 0s, notify: [{ schedule: payments-primary }], do: [{ open_channel: true }] }
      - { after: 5m, notify: [{ rank: team_lead, in: team }], do: [{ open_channel: true }] }
`

describe('a step that opens a channel', () => {
  let tocsin: Climb
  beforeAll(async () => {
    tocsin = await startClimb(opening)
  })
  afterAll(() => tocsin.stop())

  const named = (name: string) =>
    [...tocsin.slack.state.channels].find(([, channel]) => channel.name === name)
  const opened = (name: string) => tocsin.slack.waitFor(() => named(name), { what: `the channel ${name}` })

  test('names it after the incident, brings in who is on it and posts the card, which follows', async () => {
    const { ask, heard, card, words, slack, settled } = tocsin
    expect(await ask('UOLGA', 'declare Checkout is down', 'C0PAYMENTS')).toContain('INC-001 declared')
    const [id] = await opened('inc-001-checkout-is-down')
    const there = await card('INC-001', id)
    expect(words(there)).toContain('Checkout is down')
    await heard({ channel: 'C0PAYMENTS' }, /Channel[\s\S]*#inc-001-checkout-is-down/)
    await heard({ direct: 'UIDA' }, 'INC-001 needs you')
    await settled()
    const channel = slack.state.channels.get(id)
    expect(channel?.members?.toSorted()).toEqual([slack.state.bot, 'UIDA', 'UOLGA'])
    expect(channel?.topic).toBe('INC-001 Checkout is down')
    expect(await ask('UIDA', 'timeline INC-001')).toContain('Tocsin: opened #inc-001-checkout-is-down')
    expect(await ask('UIDA', 'show INC-001')).toContain('#inc-001-checkout-is-down')
    expect(await ask('UIDA', 'ack INC-001')).toContain('acknowledged by Ida Torres')
    const note = await heard({ channel: id }, 'INC-001 acknowledged by Ida Torres')
    expect(note.thread_ts).toBe(there.ts)
    expect(await ask('UIDA', 'note failing over', id)).toContain('INC-001 has a note by Ida Torres')
  })

  test('opens no second one at the next step', async () => {
    const { ask, heard, advance, settled, slack } = tocsin
    expect(await ask('UOLGA', 'declare Carts fail', 'C0PAYMENTS')).toContain('INC-002 declared')
    await opened('inc-002-carts-fail')
    await advance('5 minutes')
    await heard({ direct: 'ULENA' }, 'INC-002 needs you')
    await settled()
    const made = slack.calls('conversations.create').map(({ args }) => String(args.name))
    expect(made.filter((name) => name.startsWith('inc-002'))).toEqual(['inc-002-carts-fail'])
  })

  test('that Slack refuses is said on the card and in the timeline, and paging goes on', async () => {
    const { ask, heard, advance, slack, settled } = tocsin
    slack.fail('conversations.create', {
      type: 'refused',
      error: 'missing_scope',
      needed: 'channels:manage,channels:write',
    })
    expect(await ask('UOLGA', 'declare Slow search', 'C0PAYMENTS')).toContain('INC-003 declared')
    const missing = 'channel missing: missing_scope (channels:manage)'
    await heard({ channel: 'C0PAYMENTS' }, missing)
    await heard({ direct: 'UIDA' }, 'INC-003 needs you')
    await advance('5 minutes')
    await heard({ direct: 'ULENA' }, 'INC-003 needs you')
    await settled()
    expect(await ask('UIDA', 'show INC-003')).toContain(missing)
    const story = await ask('UIDA', 'timeline INC-003')
    expect(story).toContain('could not open a channel: missing_scope (channels:manage)')
    expect(story.match(/could not open/g)).toHaveLength(1)
    expect(named('inc-003-slow-search')).toBeUndefined()
  })

  test('that the workspace does not allow has its reason', async () => {
    const { ask, heard, slack } = tocsin
    slack.fail('conversations.create', { type: 'refused', error: 'restricted_action' })
    expect(await ask('UOLGA', 'declare Mail is late', 'C0PAYMENTS')).toContain('INC-004 declared')
    await heard(
      { channel: 'C0PAYMENTS' },
      "channel missing: restricted_action (the workspace's settings forbid it)",
    )
  })

  test('takes the next name where one is taken, and says that one', async () => {
    const { ask, heard, card, slack } = tocsin
    slack.setChannel('C0OLD1', { name: 'inc-005-disk-full' })
    slack.setChannel('C0OLD2', { name: 'inc-005-disk-full-2', archived: true })
    expect(await ask('UOLGA', 'declare Disk full', 'C0PAYMENTS')).toContain('INC-005 declared')
    const [id] = await opened('inc-005-disk-full-3')
    await card('INC-005', id)
    await heard({ channel: 'C0PAYMENTS' }, '#inc-005-disk-full-3')
    expect(slack.messages('C0OLD1')).toEqual([])
  })

  test('finds the channel again whose answer was lost', async () => {
    const { ask, card, slack, settled } = tocsin
    slack.fail('conversations.create', { type: 'cut', taken: true })
    expect(await ask('UOLGA', 'declare Queue grows', 'C0PAYMENTS')).toContain('INC-006 declared')
    const [id] = await opened('inc-006-queue-grows')
    await card('INC-006', id)
    await settled()
    expect(named('inc-006-queue-grows-2')).toBeUndefined()
    expect(slack.state.channels.get(id)?.members).toContain('UOLGA')
    expect(slack.state.channels.get(id)?.topic).toBe('INC-006 Queue grows')
  })

  test('stands without people and topic where Slack takes neither', async () => {
    const { ask, card, slack } = tocsin
    slack.fail('conversations.invite', { type: 'refused', error: 'restricted_action' })
    slack.fail('conversations.setTopic', { type: 'status', status: 503 })
    expect(await ask('UOLGA', 'declare Login loops', 'C0PAYMENTS')).toContain('INC-007 declared')
    const [id] = await opened('inc-007-login-loops')
    await card('INC-007', id)
  })

  test.each([
    ['🔥🔥 <!channel> & 100 %', 'inc-008-channel-100'],
    ['!!! …', 'inc-009'],
    ['הקופה לא עובדת', 'inc-010'],
    [`${'very '.repeat(38)}long`, `inc-011${'-very'.repeat(14)}`],
  ])('with the odd title %s has the name %s', async (title, name) => {
    expect(await tocsin.ask('UOLGA', `declare ${title}`, 'C0PAYMENTS')).toContain('declared')
    const [id] = await opened(name)
    await tocsin.card(name.slice(0, 7).toUpperCase(), id)
  })

  test('is shown as it is written, and may be saved by the verb', async () => {
    const { ask } = tocsin
    expect(await ask('UADA', 'policies show payments')).toContain('do open channel')
    expect(await ask('UADA', 'policies test INC-001')).toContain('open channel')
    const saved = await ask('UADA', 'policies save platform when team=platform steps 0s vp do open channel')
    expect(saved).toContain('0s vp do open channel')
  })

  test('never opens one for a private incident', async () => {
    const { ask, heard, settled, slack, sql } = tocsin
    expect(await ask('UIDA', 'declare --private Payroll was leaked', 'C0PAYMENTS')).toContain('INC-012')
    await heard({ direct: 'UIDA' }, 'INC-012 needs you')
    await settled()
    expect(await sql("select name from incident_channels where name like 'inc-012%'")).toEqual([])
    expect(JSON.stringify(slack.calls('conversations.create'))).not.toContain('inc-012')
  })
})

test.each([
  ['Ünal’s café', 'inc-042-unals-cafe'],
  ['x'.repeat(300), `inc-042-${'x'.repeat(72)}`],
  ['word '.repeat(60), `inc-042${'-word'.repeat(14)}`],
  ['a--b__c', 'inc-042-a-b-c'],
])('the title %s gives the channel %s', (title, name) => {
  expect(channelName({ key: 'INC-042', title })).toBe(name)
})
