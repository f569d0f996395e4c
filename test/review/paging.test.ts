/** What paging must not do: ring after the acknowledgement, tell outsiders, or fall silent. */
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { startSmtp } from '../carriers/smtp-stand-in.ts'
import { type Climb, climbing, startClimb } from '../escalation/support.ts'

let tocsin: Climb
let smtp: Awaited<ReturnType<typeof startSmtp>>
let hooks: Server
const events: { path: string; body: string }[] = []

beforeAll(async () => {
  smtp = await startSmtp()
  hooks = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk) => {
      body += chunk
    })
    request.on('end', () => {
      events.push({ path: request.url!, body })
      response.writeHead(request.url === '/gone' ? 410 : 204).end()
    })
  })
  await new Promise<void>((resolve) => hooks.listen(0, '127.0.0.1', resolve))
  const at = `http://127.0.0.1:${(hooks.address() as AddressInfo).port}`
  tocsin = await startClimb(
    `${climbing}
webhooks:
  - { name: pager, url: "${at}/pager", secret: a-secret-of-the-pager }
  - { name: gone, url: "${at}/gone", secret: a-secret-of-the-pager }
`,
    {
      SMTP_URL: smtp.url,
      MAIL_FROM: 'tocsin@example.com',
      ALLOWED_NETWORKS: '127.0.0.0/8',
      PUBLIC_URL: 'https://tocsin.example.com',
    },
  )
})
afterAll(async () => {
  await tocsin?.stop()
  await smtp?.close()
  hooks?.closeAllConnections()
  hooks?.close()
})
/** Each begins with nothing left of the ones before, whose channels may have a queue. */
beforeEach(async () => {
  const { sql } = tocsin
  await sql('delete from preferences')
  await sql("update escalations set state = 'stopped' where state in ('running', 'snoozed', 'acknowledged')")
  await sql(
    "update deliveries set state = 'withdrawn', settled_at = now() where state in ('waiting', 'queued')",
  )
  await tocsin.settled()
  events.length = 0
})

const rest = (ms = 1_500) => new Promise((resolve) => setTimeout(resolve, ms))
const keyOf = (answer: string) => /INC-\d+/.exec(answer)![0]
const declare = async (words: string, channel = 'C0PAYMENTS', user = 'UOLGA') =>
  keyOf(await tocsin.ask(user, `declare ${words}`, channel))
/** As if its last round were over. */
const exhaust = (key: string) =>
  tocsin.sql(
    `update escalations e set state = 'exhausted', ended_at = tocsin_now() from incidents i
      where i.id = e.incident_id and i.key = $1`,
    [key],
  )
const pagesOf = (key: string) =>
  tocsin.sql<{ state: string; type: string; name: string | null }>(
    `select d.state, d.notification ->> 'type' as type, p.name from deliveries d
      join incidents i on i.id = d.incident_id left join people p on p.id = d.person_id
      where i.key = $1 and d.page_id is not null order by d.sequence`,
    [key],
  )

test('a webhook that somebody is paged by is told nothing after the acknowledgement', async () => {
  const { ask, advance, heard } = tocsin
  expect(await ask('UIDA', 'preferences low chat 0s, pager 5m')).toContain('pager after 5m')
  const key = await declare('Later by webhook')
  await heard({ direct: 'UIDA' }, `${key} needs you`)
  expect(await ask('UIDA', `ack ${key}`)).toContain('acknowledged')
  await advance('6 minutes')
  await rest()
  await tocsin.settled()
  expect(events.map(({ body }) => body).join()).not.toContain(key)
})

test('a page whose webhook is dead goes the next way at once', async () => {
  const { ask, heard } = tocsin
  await ask('UIDA', 'preferences low gone 0s, chat 30m')
  const key = await declare('Dead webhook')
  await heard({ direct: 'UIDA' }, `${key} needs you`)
})

test('a private incident goes to people alone, whatever webhook they prefer', async () => {
  const { ask, heard, advance } = tocsin
  await ask('UIDA', 'preferences high pager 0s')
  await ask('UIDA', 'preferences low pager 0s')
  const key = await declare('--private QPRIVATEQ merger', 'C0PAYMENTS')
  await tocsin.settled()
  await advance('1 minute')
  await ask('UOLGA', `page ${key} ida@example.com QPAGEQ please`)
  await ask('UOLGA', `note ${key} QNOTEQ`)
  await tocsin.settled()
  expect(events.map(({ body }) => body).join('\n')).not.toMatch(/QPRIVATEQ|QPAGEQ|QNOTEQ/)
  await heard({ direct: 'UIDA' }, `${key} needs you`)
})

test('no webhook is given a link that acknowledges as a person', async () => {
  const { ask } = tocsin
  await ask('UIDA', 'preferences high pager 0s')
  const key = await declare('Hand page')
  await ask('ULENA', `page ${key} ida@example.com look`)
  await tocsin.settled()
  expect(events.length).toBeGreaterThan(0)
  expect(events.map(({ body }) => body).join('\n')).not.toContain('/p/')
})

test('an incident that had run out of people to page pages its team as soon as it has one', async () => {
  const { ask, heard } = tocsin
  const key = await declare('Whose is it', 'C0GENERAL')
  await exhaust(key)
  expect(await ask('UIDA', `team ${key} payments`)).toContain('payments')
  await heard({ direct: 'UIDA' }, `${key} needs you`)
})

test('escalating from a card that did not show the acknowledgement takes nothing back', async () => {
  const { ask, heard, press, told } = tocsin
  const key = await declare('Stale escalate')
  const page = structuredClone(await heard({ direct: 'UIDA' }, `${key} needs you`))
  expect(await ask('ULENA', `ack ${key}`)).toContain('acknowledged')
  const answer = await press('UIDA', page, 'Escalate now')
  await tocsin.settled()
  expect(answer).toContain('already acknowledged by Lena Lead')
  expect(told('UMAYA')).not.toContain(key)
})

test('escalating an acknowledged incident pages the next people, not those who have answered', async () => {
  const { ask, heard } = tocsin
  await tocsin.sql('update policy_versions set acknowledged_for = null')
  const key = await declare('Needs the lead')
  await heard({ direct: 'UIDA' }, `${key} needs you`)
  await ask('UIDA', `ack ${key}`)
  const said = await ask('UIDA', `escalate ${key}`)
  await tocsin.sql('update policy_versions set acknowledged_for = 1800')
  expect(said).toContain('escalated to Lena Lead')
})

test('whoever is deactivated is paged no more, not even by what waits', async () => {
  const { ask, advance, heard } = tocsin
  await ask('UIDA', 'preferences low chat 0s, email 2m')
  const key = await declare('Waiting mail')
  await heard({ direct: 'UIDA' }, `${key} needs you`)
  await tocsin.settled()
  expect((await pagesOf(key)).map(({ state }) => state)).toEqual(['sent', 'waiting'])
  expect(await ask('UADA', 'people deactivate ida@example.com')).toContain('deactivated')
  await advance('3 minutes')
  await rest()
  await tocsin.settled()
  const mails = smtp.taken.filter(({ headers }) => headers.includes(key))
  await ask('UADA', 'people activate ida@example.com')
  expect(mails).toEqual([])
})

test('an incident acknowledged after its last round still escalates when nothing happens on it', async () => {
  const { ask, advance, heard } = tocsin
  const key = await declare('Late answer')
  await exhaust(key)
  expect(await ask('ULENA', `ack ${key}`)).toContain('acknowledged')
  await advance('31 minutes')
  await heard({ channel: 'C0PAYMENTS' }, `${key} escalates again`)
})

test('an acknowledgement from an old card counts when paging has started again since', async () => {
  const { ask, heard, press, sql } = tocsin
  const key = await declare('Stale acknowledge')
  const page = structuredClone(await heard({ direct: 'UIDA' }, `${key} needs you`))
  expect(await ask('ULENA', `ack ${key}`)).toContain('acknowledged')
  expect(await ask('ULENA', `escalate ${key}`)).toContain('escalated')
  expect(await press('UIDA', page, 'Acknowledge')).toContain('acknowledged by Ida Torres')
  const [row] = await sql<{ at: Date | null }>('select acknowledged_at as at from incidents where key = $1', [
    key,
  ])
  expect(row!.at).not.toBeNull()
})

test('whose team an incident becomes is paged at once, by the built-in policy as well', async () => {
  const { ask, heard, sql } = tocsin
  await ask('UIVO', 'whoami')
  await sql("update people set rank = 'team_lead' where email = 'ivo@example.com'")
  const key = await declare('Built in', 'C0GENERAL')
  await rest(1_300)
  expect(await ask('UIVO', `team ${key} platform`)).toContain('platform')
  await heard({ direct: 'UIVO' }, `${key} needs you`)
})

test('a policy whose first step raises the priority gives way to the one for that, and nobody is told of silence', async () => {
  const { ask, heard } = tocsin
  expect(await ask('UADA', 'policies save raising when team=platform steps 0s do priority P1')).toContain(
    'new',
  )
  expect(
    await ask('UADA', 'policies save urgent when priority=P1 team=platform steps 0s ivo@example.com'),
  ).toContain('new')
  const said = await ask('UIVO', 'declare Raised at once')
  const key = keyOf(said)
  await heard({ direct: 'UIVO' }, `${key} needs you`)
  expect(said).not.toContain('Nobody is paged')
  await tocsin.settled()
  expect(tocsin.told('UADA')).not.toContain(`Nobody is paged for ${key}`)
})

test('a reopened incident on which nothing happens escalates as it would have before', async () => {
  const { ask, advance, heard } = tocsin
  const key = await declare('Back again')
  expect(await ask('ULENA', `ack ${key}`)).toContain('acknowledged')
  expect(await ask('ULENA', `resolve ${key}`)).toContain('RESOLVED')
  expect(await ask('ULENA', `reopen ${key} not fixed`)).toContain('IN_PROGRESS')
  await tocsin.settled()
  await advance('31 minutes')
  await heard({ channel: 'C0PAYMENTS' }, `${key} escalates again`)
})
