/** Who a page is for, whatever becomes of them meanwhile, and what others may not read of it. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { mergePeople } from '../../src/core/people.ts'
import { findOperation } from '../../src/operations/registry.ts'
import { startSmtp } from '../carriers/smtp-stand-in.ts'
import { type Climb, climbing, startClimb } from '../escalation/support.ts'
import { createWorld } from '../people/support.ts'

let tocsin: Climb
let smtp: Awaited<ReturnType<typeof startSmtp>>
beforeAll(async () => {
  smtp = await startSmtp()
  tocsin = await startClimb(
    `${climbing}
preferences:
  high: [{ route: chat, after: 0s }, { route: email, after: 0s }]
  low: [{ route: chat, after: 0s }, { route: email, after: 0s }]
`,
    { SMTP_URL: smtp.url, MAIL_FROM: 'tocsin@example.com', PUBLIC_URL: 'https://tocsin.example.com' },
  )
})
afterAll(async () => {
  await tocsin?.stop()
  await smtp?.close()
})

const rest = (ms = 1_200) => new Promise((resolve) => setTimeout(resolve, ms))
const keyOf = (answer: string) => /INC-\d+/.exec(answer)![0]

test('a private incident that nobody answers is named to nobody but its own people', async () => {
  const { ask, advance, everybody, told, sql } = tocsin
  const key = keyOf(await ask('UOLGA', 'declare --private QSECRETQ takeover', 'C0PAYMENTS'))
  for (let round = 0; round < 7; round += 1) {
    await advance('5 minutes')
    await rest()
  }
  await tocsin.settled()
  const [row] = await sql<{ state: string }>(
    'select e.state from escalations e join incidents i on i.id = e.incident_id where i.key = $1',
    [key],
  )
  expect(row).toEqual({ state: 'exhausted' })
  for (const channel of ['C0PAYMENTS', 'C0INCIDENTS', 'C0WAR', 'C0GENERAL']) {
    expect(everybody(channel)).not.toMatch(/QSECRETQ|INC-001/)
  }
  expect(told('UADA')).not.toMatch(/QSECRETQ|INC-001/)
  expect(told('UIDA')).toContain('QSECRETQ')
  const readers = new Set(
    smtp.taken.filter(({ source }) => source.includes('QSECRETQ')).flatMap(({ to }) => to),
  )
  expect([...readers].sort()).toEqual(['ida@example.com', 'lena@example.com', 'maya@example.com'])
  expect(await ask('UADA', `policies test ${key}`)).toContain('There is no incident')
})

test('names and titles that are more than words call nobody and are no markup in chat or mail', async () => {
  const { ask, heard, sql } = tocsin
  const name = 'Olga <!channel> *b* <https://evil.example|x> @here'
  await sql('update people set name = $1 where email = $2', [name, 'olga@example.com'])
  const key = keyOf(await ask('ULENA', 'declare <!everyone> & *Bold* <@UIVO> is down', 'C0PAYMENTS'))
  await heard({ direct: 'UIDA' }, `${key} needs you`)
  await ask('UOLGA', `page ${key} ida@example.com <!channel> look at <https://evil.example|this>`)
  await tocsin.settled()
  const sent = tocsin.slack.messages('C0PAYMENTS').concat(tocsin.slack.direct('UIDA'))
  const blocks = JSON.stringify(sent.map((message) => message.blocks))
  expect(blocks).not.toMatch(/"type":"broadcast"|"type":"link"[^}]*evil/)
  expect(blocks).not.toMatch(/"type":"mrkdwn","text":"[^"]*<(!(?!date)|https:\/\/evil)/)
  for (const { headers, html } of smtp.taken) {
    expect(headers.match(/^subject:/gim)).toHaveLength(1)
    expect(html).not.toMatch(/<https|<!everyone|<!channel/)
  }
})

test('two accounts that turn out to be one person answer the page that one of them got', async () => {
  const world = await createWorld()
  const arrived = await world.arrive(world.slack, 'UIDA2', { name: 'Ida Elsewhere' })
  const former = (arrived as { personId: string }).personId
  const into = await world.person('Ida Torres')
  const lena = await world.person('Lena Lead', { rank: 'team_lead' })
  await world.as(lena, findOperation('page')!, { whom: 'Ida Elsewhere', text: 'look' })
  const { id } = await world.owner.selectFrom('pages').select('id').executeTakeFirstOrThrow()
  await world.within(({ tx, orgId }) => mergePeople(tx, orgId, former, into))
  const said = await world.as(into, findOperation('acknowledge_page')!, { page: id })
  await world.close()
  expect(said).toContain('Acknowledged')
})
