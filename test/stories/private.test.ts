import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTocsin, type Tocsin } from '../support/app.ts'
import { voices } from './speak.ts'

let tocsin: Tocsin
beforeAll(async () => {
  tocsin = await startTocsin()
  // Whoever is paged knows it: with the lead known, nobody after her is.
  await ask('ULENA', 'whoami')
})
afterAll(() => tocsin.stop())
const { ask, answer, heard, told, words, everybody } = voices(() => tocsin)
const channels = ['C0GENERAL', 'C0INCIDENTS', 'C0PAYMENTS']

test('a private incident is declared to its reporter alone', async () => {
  expect(await ask('UIDA', 'declare --private Payroll was leaked', 'C0PAYMENTS')).toContain(
    'INC-001 declared by Ida Torres',
  )
  const card = await heard({ direct: 'UIDA' }, 'Payroll was leaked')
  expect(words(card)).toMatch(/Status: OPEN {3}Priority: P3.*Private/)
  await tocsin.settled()
  for (const channel of channels) expect(everybody(channel)).not.toMatch(/INC-001|Payroll/)
})

test('nobody else learns that it exists, whatever they hold', async () => {
  for (const user of ['UIVO', 'UOLGA', 'UMAYA', 'UADA', 'UVIC']) {
    expect(await ask(user, 'show INC-001')).toContain('There is no incident INC-001 that you may see.')
    expect(await ask(user, 'priority INC-001 P1')).toContain('There is no incident INC-001 that you may see.')
    for (const question of ['list', 'list all', 'search Payroll', 'timeline INC-001'])
      expect(await ask(user, question), `${user} ${question}`).not.toMatch(
        /Payroll was|withheld|access_private/,
      )
  }
})

test('its people and a vp know it', async () => {
  for (const user of ['UIDA', 'UVERA']) {
    expect(await ask(user, 'show INC-001')).toContain('Payroll was leaked')
    expect(await ask(user, 'list')).toMatch(/^Private\n.*INC-001 {2}Payroll was leaked/)
    expect(await ask(user, 'search payroll')).toMatch(/^Private\n.*INC-001/)
  }
})

test('in a channel it is answered to the asker alone, and cannot be shared', async () => {
  expect(tocsin.slack.buttonsOf(await answer('UIDA', 'show INC-001'))).not.toContain('Share here')
  await tocsin.slack.as('UIDA').mention('show INC-001', { channel: 'C0GENERAL' })
  await heard({ channel: 'C0GENERAL' }, 'Answered Ida Torres privately.')
  const given = await heard({ direct: 'UIDA' }, 'Status: OPEN')
  expect(tocsin.slack.buttonsOf(given).join()).not.toContain('Share')
  expect(everybody('C0GENERAL')).not.toMatch(/INC-001|Payroll/)
})

test('whoever is invited is told, and knows it from then on', async () => {
  await ask('UIVO', 'whoami')
  expect(await ask('UIDA', 'invite INC-001 Ivo Lang')).toContain('INC-001: Ivo Lang invited by Ida Torres')
  await heard({ direct: 'UIVO' }, 'INC-001: Ivo Lang invited by Ida Torres')
  expect(told('UIVO')).toContain('Payroll was leaked')
  expect(await ask('UIVO', 'show INC-001')).toContain('Payroll was leaked')
  expect(await ask('UIVO', 'note INC-001 I revoke the tokens')).toContain('INC-001 has a note by Ivo Lang')
  await tocsin.settled()
  for (const channel of channels) expect(everybody(channel)).not.toMatch(/INC-001|Payroll|tokens/)
})
