import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { startTocsin, type Tocsin } from '../support/app.ts'
import { voices } from './speak.ts'

let tocsin: Tocsin
beforeAll(async () => {
  tocsin = await startTocsin()
})
afterAll(() => tocsin.stop())
const { ask, answer, press, card, heard, told, words, everybody } = voices(() => tocsin)

/** Until a verb records them: 25,000 USD, 500 customers and the customer Acme, on one incident. */
const costsAndCustomers = (key: string) =>
  tocsin.sql(
    `with i as (select org_id, id from incidents where key = $1),
      c as (insert into customers (org_id, id, name) select org_id, gen_random_uuid(), 'Acme of ' || $1 from i
        returning org_id, id),
      a as (insert into incident_customers (org_id, incident_id, customer_id)
        select i.org_id, i.id, c.id from i, c),
      s as (insert into spendings (org_id, id, incident_id, kind, amount, what, recorded_by)
        select i.org_id, gen_random_uuid(), i.id, 'direct', 25000, 'replicas', p.id
        from i join people p on p.org_id = i.org_id and p.name = 'Finn Weber')
      update incidents set customers_affected = 500 where key = $1`,
    [key],
  )

let key: string
beforeEach(async () => {
  key = /INC-\d+/.exec(await ask('UIDA', 'declare Checkout is down', 'C0PAYMENTS'))![0]
  await ask('UIDA', `services ${key} add api-gateway`)
  await ask('UOLGA', `impact ${key} carts fail at payment`)
  await ask('UIDA', `note ${key} internal the migration holds a lock`)
  await ask('UIDA', `note ${key} we are looking into it`)
  await costsAndCustomers(key)
})

const facts = {
  technical: 'api-gateway (critical, payments)',
  impact: 'carts fail at payment',
  internal: 'the migration holds a lock',
  costs: '25,000.00 USD',
  count: 'Customers affected: 500',
  customers: 'Acme of',
}
type Fact = keyof typeof facts

test('everybody sees the parts of an incident that are theirs to see, and hears what is withheld', async () => {
  const sees: Record<string, Fact[]> = {
    UIDA: ['technical', 'internal'],
    UOLGA: ['impact', 'internal', 'customers'],
    UFINN: ['internal', 'costs'],
    UCARLA: ['internal', 'count', 'customers'],
    UADA: ['technical', 'impact', 'internal', 'costs', 'count'],
    UVIC: [],
  }
  for (const [user, seen] of Object.entries(sees)) {
    for (const verb of ['show', 'summary']) {
      const shown = await ask(user, `${verb} ${key}`)
      for (const line of ['Checkout is down', 'Status: OPEN   Priority: P3', 'we are looking into it'])
        expect(shown, `${user} ${verb}`).toContain(line)
      for (const [name, text] of Object.entries(facts))
        expect(shown.includes(text), `${user} ${verb} ${name}`).toBe(seen.includes(name as Fact))
    }
  }
  expect(await ask('UVIC', `show ${key}`)).toContain('Some of it is withheld: that needs')
})

test('the timeline shows each reader their own lines, notes and all', async () => {
  const idas = await ask('UIDA', `timeline ${key}`)
  expect(idas).toContain('Ida Torres: internal note: the migration holds a lock')
  expect(idas).not.toContain('carts fail')
  const olgas = await ask('UOLGA', `timeline ${key}`)
  expect(olgas).toContain('Olga Brandt: business impact: carts fail at payment')
  const vics = await ask('UVIC', `timeline ${key}`)
  expect(vics).toContain('Ida Torres: note: we are looking into it')
  expect(vics).not.toMatch(/carts fail|holds a lock/)
  expect(vics).toContain('Some of it is withheld: that needs view_business_impact, view_internal.')
})

test('no channel card, thread or follower hears what not everybody there may see', async () => {
  await ask('UVIC', `follow ${key}`)
  await ask('UOLGA', `impact ${key} the evening campaign is lost`)
  await ask('UIDA', `note ${key} internal the root password was pasted`)
  await tocsin.settled()
  expect(words(await card(key))).not.toMatch(/campaign|password/)
  await ask('UOLGA', `priority ${key} P2`)
  await tocsin.settled()
  expect(words(await card(key))).toContain('Status: OPEN   Priority: P2')
  for (const channel of ['C0INCIDENTS', 'C0PAYMENTS', 'C0GENERAL'])
    expect(everybody(channel)).not.toMatch(/carts fail|holds a lock|campaign|password|25,000|Acme of/)
  expect(told('UVIC')).toContain(`${key} is P2, set by Olga Brandt (was P3)`)
  expect(told('UVIC')).not.toMatch(/carts fail|holds a lock|campaign|password/)
})

test('a restricted answer to a mention goes to the asker alone, who may share it', async () => {
  const { slack } = tocsin
  await slack.as('UFINN').mention(`show ${key}`, { channel: 'C0GENERAL' })
  const note = await heard({ channel: 'C0GENERAL' }, 'Answered Finn Weber privately.')
  expect(note.thread_ts).toBeDefined()
  expect(words(note)).toBe('Answered Finn Weber privately.')
  const given = await heard({ direct: 'UFINN' }, '25,000.00 USD')
  expect(words(given)).toContain('the migration holds a lock')

  expect(await press('UFINN', given, 'Share in the channel')).toContain('Shared in the channel.')
  const shared = await heard({ channel: 'C0GENERAL' }, 'Shared by Finn Weber')
  expect(words(shared)).toContain('25,000.00 USD')
  const log = await ask('UADA', 'audit share_answer')
  expect(log).toContain('Finn Weber (slack) · share_answer')
})

test('a restricted answer to a command is ephemeral, and nobody else can share it', async () => {
  const given = await answer('UFINN', `show ${key}`, 'C0PAYMENTS')
  expect(tocsin.slack.buttonsOf(given)).toContain('Share here')
  expect(await press('UVIC', given, 'Share here')).toContain('There is no such answer of yours to share.')
  await tocsin.settled()
  expect(everybody('C0PAYMENTS')).not.toContain('25,000.00 USD')
  await press('UFINN', given, 'Share here')
  expect(words(await heard({ channel: 'C0PAYMENTS' }, 'Shared by Finn Weber'))).toContain('25,000.00 USD')
})

test('a channel that is cleared for costs is answered in the open', async () => {
  await tocsin.sql(`update comments set visibility = 'public' where visibility = 'internal'`)
  await tocsin.slack.as('UFINN').mention(`show ${key}`, { channel: 'C0FINANCE' })
  const given = await heard({ channel: 'C0FINANCE' }, key)
  expect(words(given)).toContain('25,000.00 USD')
  expect(given.thread_ts).toBeDefined()
  // What goes beyond the clearance does not.
  await tocsin.slack.as('UOLGA').mention(`show ${key}`, { channel: 'C0FINANCE' })
  await heard({ channel: 'C0FINANCE' }, 'Answered Olga Brandt privately.')
  expect(everybody('C0FINANCE')).not.toContain('carts fail')
})
