import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTocsin, type Tocsin } from '../support/app.ts'
import { voices } from './speak.ts'

let tocsin: Tocsin
beforeAll(async () => {
  tocsin = await startTocsin()
})
afterAll(() => tocsin.stop())
const { ask } = voices(() => tocsin)

test('an administrator finds somebody new, places them, and the next request counts', async () => {
  expect(await ask('UPAT', 'whoami')).toMatch(/You are Pat Plain\nDepartment: none[\s\S]*Rank: user/)
  await ask('UIDA', 'declare Checkout is down')
  expect(await ask('UPAT', 'ack INC-001')).toContain('INC-001 was not acknowledged: that needs acknowledge.')

  expect(await ask('UADA', 'people pat')).toMatch(/People: pat\nPat Plain · no department · user/)
  expect(await ask('UADA', 'people rank Pat Plain oncall_engineer')).toContain(
    'Pat Plain is on-call engineer now, before user.',
  )
  expect(await ask('UADA', 'people department Pat Plain IT')).toContain('Pat Plain is in IT now')
  expect(await ask('UADA', 'teams add payments Pat Plain')).toContain('Pat Plain is in payments.')

  expect(await ask('UPAT', 'ack INC-001')).toContain('INC-001 acknowledged by Pat Plain')
  expect(await ask('UPAT', 'whoami')).toMatch(/Department: IT[\s\S]*Teams: payments/)
})

test('whoever is deactivated has no access from that moment, and gets it back', async () => {
  expect(await ask('UADA', 'people deactivate Pat Plain')).toContain(
    'Pat Plain is deactivated and has no access any more.',
  )
  expect(await ask('UPAT', 'list')).toContain('Your access here has ended.')
  expect(await ask('UADA', 'people activate Pat Plain')).toContain('Pat Plain is active again')
  expect(await ask('UPAT', 'list')).toContain('Checkout is down')
})

test('nobody else places people, and the refusal names who does', async () => {
  for (const user of ['UPAT', 'UMAYA', 'UVERA']) {
    const refusal = await ask(user, 'people rank Pat Plain cto')
    expect(refusal).toContain('Nobody was placed: that needs manage_people.')
    expect(refusal).toContain('Ada Admin (administrator) can.')
  }
  expect(await ask('UPAT', 'people')).toContain('Nobody was looked up: that needs manage_people.')
})

test('what the configuration file says of somebody is changed in the file', async () => {
  expect(await ask('UADA', 'people rank Ida Torres cto')).toContain(
    "Ida Torres's rank was not changed: the configuration file sets it.",
  )
})

test('every change stands in the audit log with its old and its new value', async () => {
  const log = await ask('UADA', 'audit Pat Plain')
  expect(log).toContain('set_rank Pat Plain · rank user → oncall_engineer')
  expect(log).toContain('deactivate_person Pat Plain · active true → false')
  expect(await ask('UPAT', 'audit Pat Plain')).toContain('The audit log is not shown: that needs view_audit.')
})
