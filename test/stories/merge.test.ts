import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTocsin, type Tocsin } from '../support/app.ts'
import { voices } from './speak.ts'

let tocsin: Tocsin
beforeAll(async () => {
  tocsin = await startTocsin()
})
afterAll(() => tocsin.stop())
const { ask, card, told, words } = voices(() => tocsin)

test('the same outage declared twice becomes one incident', async () => {
  await ask('UIDA', 'declare Checkout is down')
  await ask('UIVO', 'declare Cannot pay')
  await ask('UIVO', 'note INC-002 error 502 at the gateway')
  await ask('UCARLA', 'follow INC-002')
  expect(await ask('UIDA', 'merge INC-002 INC-001')).toContain('INC-002 merged into INC-001 by Ida Torres')

  const merged = await ask('UVIC', 'show INC-002')
  expect(merged).toContain('Status: CANCELLED')
  expect(merged).toContain('Merged into: INC-001')
  expect(merged).not.toContain('error 502')
  const kept = await ask('UVIC', 'show INC-001')
  expect(kept).toContain('Ivo Lang: error 502 at the gateway')
  expect(await ask('UVIC', 'timeline INC-001')).toContain('Ida Torres: INC-002 merged into it')
  await tocsin.settled()
  expect(words(await card('INC-002'))).toContain('Merged into: INC-001')
  expect(tocsin.slack.buttonsOf(await card('INC-002'))).toEqual(['Timeline'])
})

test('its followers follow the other one from then on', async () => {
  expect(told('UCARLA')).toContain('INC-002 merged into INC-001 by Ida Torres')
  await ask('UOLGA', 'priority INC-001 P1')
  await tocsin.settled()
  expect(told('UCARLA')).toContain('INC-001 is P1, set by Olga Brandt (was P3)')
  expect(told('UIVO')).toContain('INC-001 is P1')
})

test('what cannot be merged says why, and nothing happens', async () => {
  expect(await ask('UIDA', 'merge INC-001 INC-001')).toContain('An incident cannot be merged into itself.')
  expect(await ask('UIDA', 'merge INC-001 INC-002')).toContain(
    'INC-001 was not merged: INC-002 is CANCELLED.',
  )
  expect(await ask('UIDA', 'merge INC-002 INC-001')).toContain('INC-002 was not merged: it is CANCELLED.')
  expect(await ask('UIDA', 'merge INC-001 INC-999')).toContain('There is no incident INC-999')
  await ask('UIDA', 'declare --private Who took the keys')
  expect(await ask('UIDA', 'merge INC-003 INC-001')).toContain('INC-003 is private and was not merged')
  expect(await ask('UIDA', 'show INC-001')).toContain('Status: OPEN')
})

test('merging needs update_status on both', async () => {
  await ask('UIDA', 'declare Pages are slow')
  expect(await ask('UVIC', 'merge INC-004 INC-001')).toContain(
    'INC-004 was not merged: that needs update_status.',
  )
  // Assigned to Ivo, who holds it on this one alone.
  await ask('ULENA', 'assign INC-004 Ivo Lang')
  const refusal = await ask('UIVO', 'merge INC-004 INC-001')
  expect(refusal).toContain('INC-004 was not merged: on INC-001 that needs update_status.')
  expect(refusal).toMatch(/Ida Torres \(IT on-call engineer\).* can\./)
})
