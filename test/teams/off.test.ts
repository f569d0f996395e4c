import { request } from 'node:http'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Json } from '../support/teams-stand-in.ts'
import { ida, startTeamsWorld, type World } from './world.ts'

let world: World
let teams: World['teams']
beforeAll(async () => {
  world = await startTeamsWorld({ TEAMS_AUTH: 'off' })
  teams = world.teams
})
afterAll(() => world.close())

const message = (fields: Json = {}) => teams.activityOf(ida, {}, { type: 'message', text: 'list', ...fields })

test('With TEAMS_AUTH=off, an activity without a token is taken, whatever its channel is called', async () => {
  for (const channelId of ['msteams', 'emulator']) {
    const sent = await teams.send(message({ channelId }), { token: null })
    expect(sent.status).toBe(200)
    await teams.answerTo(sent)
  }
})

test('A dialog opens under the name of the emulator too', async () => {
  const data = { action: { type: 'form', form: 'create_incident' } }
  const opened = await teams.send(
    message({ type: 'invoke', name: 'task/fetch', value: { data }, channelId: 'emulator' }),
    { token: null },
  )
  expect(opened.body).toMatchObject({ task: { type: 'continue' } })
})

test('It is still not answered at any address that somebody names', async () => {
  const sent = await teams.send(message({ serviceUrl: 'https://evil.example/' }), { token: null })
  expect(sent.status).toBe(403)
})

test('A page under a name of its own does not reach it, nor one that sends no JSON', async () => {
  const before = await world.stored()
  const post = (headers: Record<string, string>) =>
    new Promise<number>((resolve, reject) => {
      const sent = request(`${world.tocsin.url}/api/messages`, { method: 'POST', headers }, (response) => {
        response.resume()
        resolve(response.statusCode ?? 0)
      })
      sent.on('error', reject)
      sent.end(JSON.stringify(message()))
    })
  expect(await post({ host: 'evil.example', 'content-type': 'application/json' })).toBe(403)
  expect(await post({ host: '127.0.0.1.evil.example', 'content-type': 'application/json' })).toBe(403)
  expect(await post({ 'content-type': 'text/plain' })).toBe(415)
  expect(await world.stored()).toBe(before)
})
