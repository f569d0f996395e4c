import { afterAll, beforeAll, expect, test } from 'vitest'
import { type SlackStandIn, startSlackStandIn } from '../support/slack-stand-in.ts'
import { startSlackApp } from './slack-app.ts'

let slack: SlackStandIn
let app: Awaited<ReturnType<typeof startSlackApp>>
beforeAll(async () => {
  slack = await startSlackStandIn()
  slack.addUser({ id: 'U1', name: 'Ida Torres' })
  app = await startSlackApp(slack, { socket: true })
  await slack.waitFor(() => slack.socket.connections() > 0)
})
afterAll(async () => {
  await app.close()
  await slack.close()
})

test('a command, a message and a dialog come through Socket Mode, stored before they are acknowledged', async () => {
  expect(await slack.as('U1').command('list')).toMatchObject({ status: 200, body: '' })
  expect(await app.read()).toMatchObject({ kind: 'command', text: 'list' })
  expect((await slack.as('U1').dm('hello')).status).toBe(200)
  expect(await app.read()).toMatchObject({ kind: 'message', text: 'hello' })
  expect(app.stored.size).toBe(2)
})

test('what could not be stored is told to a person, and comes again from Slack', async () => {
  app.other.down = true
  const { body } = await slack.as('U1').command('list')
  expect(body).toMatchObject({ text: expect.stringMatching(/^Nothing was done/) })
  expect((await slack.as('U1').dm('hello again')).status).toBe(504)
  app.other.down = false
  expect(app.stored.size).toBe(2)
})

test.each(['recycle', 'destroy'] as const)('a connection that ends (%s) is opened again', async (how) => {
  const opened = slack.calls('apps.connections.open').length
  slack.socket[how]()
  await slack.waitFor(
    () => slack.calls('apps.connections.open').length > opened && slack.socket.connections() === 1,
  )
  expect((await slack.as('U1').command(`after ${how}`)).status).toBe(200)
})

test('HTTP is not served then', async () => {
  expect((await fetch(`${app.url}/slack/events`, { method: 'POST' })).status).toBe(404)
})
