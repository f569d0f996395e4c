import { afterAll, beforeAll, expect, test } from 'vitest'
import { exampleCorp, startTocsin, type Tocsin } from '../support/app.ts'
import { voices } from './speak.ts'

let tocsin: Tocsin
beforeAll(async () => {
  const legal = `
departments:
  - { name: LEGAL, persona: InfoBot, permissions: [view_incident, view_internal, comment_internal] }
`
  const people = exampleCorp.replace(
    'people:\n',
    'people:\n  - { name: Leo Hart, email: leo@example.com, department: LEGAL, rank: viewer }\n',
  )
  tocsin = await startTocsin({ configuration: people + legal })
  tocsin.slack.addUser({ id: 'ULEO', name: 'Leo Hart', email: 'leo@example.com' })
})
afterAll(() => tocsin.stop())
const { ask, card } = voices(() => tocsin)

test('people of the file are known by their address from their first word on', async () => {
  expect(await ask('UOLGA', 'whoami')).toMatch(/You are Olga Brandt\nDepartment: OPS/)
  expect(await ask('ULEO', 'whoami')).toMatch(/Department: LEGAL\nPersona: InfoBot[\s\S]*view_internal/)
  expect(await ask('UPAT', 'whoami')).toMatch(/You are Pat Plain\nDepartment: none[\s\S]*Rank: user/)
})

test('a department of one’s own brings exactly what the file gives it', async () => {
  await ask('UIDA', 'declare Contract leaked')
  await ask('UIDA', 'note INC-001 internal counsel was called')
  expect(await ask('ULEO', 'show INC-001')).toContain('counsel was called')
  expect(await ask('ULEO', 'note INC-001 internal we hold the press back')).toContain(
    'an internal note by Leo Hart',
  )
  expect(await ask('ULEO', 'ack INC-001')).toContain('INC-001 was not acknowledged: that needs acknowledge.')
})

test('an incident declared in a team’s channel is that team’s', async () => {
  expect(await ask('UOLGA', 'declare Cards are refused', 'C0PAYMENTS')).toContain(
    'INC-002 declared by Olga Brandt for payments',
  )
  expect(tocsin.slack.textOf(await card('INC-002', 'C0INCIDENTS'))).toContain('Team: payments')
  expect(await ask('UOLGA', 'declare Nobody’s yet')).toContain('INC-003 declared by Olga Brandt.')
})

test('config tells an administrator how it is set up', async () => {
  const shown = await ask('UADA', 'config')
  for (const line of [
    'Organisation: Example Corp',
    'CSM, FINANCE, IT, LEGAL, OPS',
    'Trusted e-mail domains: example.com',
  ])
    expect(shown).toContain(line)
  expect(await ask('UMAYA', 'config')).toContain(
    'The configuration is not shown: that needs manage_integrations.',
  )
})

test('a role given up in the database counts from the next request on', async () => {
  expect(await ask('ULENA', 'role INC-001 commander Ivo Lang')).toContain('has Ivo Lang as commander')
  await tocsin.sql(`update people set rank = 'user' where name = 'Lena Lead'`)
  expect(await ask('ULENA', 'role INC-001 scribe Ivo Lang')).toContain('that needs set_incident_roles.')
  // What standing on the incident gives, it gives still.
  expect(await ask('UIVO', 'role INC-001 scribe Lena Lead')).toContain('has Lena Lead as scribe')
})

test('guests and strangers get a polite word and nothing else', async () => {
  tocsin.slack.addUser({ id: 'UGUS', name: 'Gus Guest', email: 'gus@example.com', guest: true })
  tocsin.slack.addUser({ id: 'UFOX', name: 'Fox Foreign', email: 'fox@example.com', team: 'T0OTHER' })
  for (const user of ['UGUS', 'UFOX']) {
    const refusal = await ask(user, 'list')
    expect(refusal).toContain('cannot work incidents here.')
    expect(refusal).toContain('An administrator of this workspace can help.')
    expect(refusal).not.toContain('INC-')
  }
})
