import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Json, TeamsMessage } from '../support/teams-stand-in.ts'
import { finn, gus, ida, incidents, startTeamsWorld, vic, type World } from './world.ts'

let world: World
let teams: World['teams']
beforeAll(async () => {
  world = await startTeamsWorld()
  teams = world.teams
})
afterAll(() => world.close())

let card: TeamsMessage
describe('an incident worked in Teams', () => {
  test('is declared by a verb in a personal chat, and answered with its key', async () => {
    const sent = await teams.as(ida).say('declare Checkout is down')
    expect(sent.status).toBe(200)
    const answer = await teams.answerTo(sent)
    expect(teams.textOf(answer)).toContain('INC-001')
    card = await teams.waitFor(() => teams.messages(incidents)[0], { what: "the incident's card" })
    expect(teams.textOf(card)).toContain('Status: OPEN')
    expect(teams.buttonsOf(card)).toContain('Acknowledge')
  })

  test('is acknowledged by a button, whose answer is the refreshed card', async () => {
    const pressed = await teams.as(ida).click(card, 'Acknowledge')
    expect(pressed.status).toBe(200)
    const body = pressed.body as Json
    expect(body).toMatchObject({ statusCode: 200, type: 'application/vnd.microsoft.card.adaptive' })
    expect(teams.textOf(body)).toContain('Status: IN_PROGRESS')
    expect(teams.textOf(body)).toContain('INC-001')
    expect((await world.incident())?.status).toBe('IN_PROGRESS')
    await teams.waitFor(() => teams.textOf(card).includes('Status: IN_PROGRESS'), {
      what: 'the updated card',
    })
  })

  test('is refused to somebody without the permission, for the clicker alone, with who can', async () => {
    const before = await world.incident()
    const sent = await teams.as(ida).say('declare Search is slow')
    await teams.answerTo(sent)
    const second = await teams.waitFor(() =>
      teams.messages(incidents).find((each) => teams.textOf(each).includes('INC-002')),
    )
    const pressed = await teams.as(vic).click(second, 'Acknowledge')
    expect(pressed.body).toMatchObject({
      statusCode: 200,
      type: 'application/vnd.microsoft.activity.message',
    })
    const said = String((pressed.body as Json).value)
    expect(said).toContain('acknowledge')
    expect(said).toMatch(/ can\./)
    expect((await world.incident('INC-002'))?.status).toBe('OPEN')
    expect(await world.incident()).toEqual(before)
  })

  test('is shown to a mention in a channel, in its thread', async () => {
    const sent = await teams.as(vic).say('show&nbsp;INC-001', { channel: '19:other@thread.tacv2' })
    const answer = await teams.answerTo(sent)
    expect(answer.conversation).toBe(sent.conversation)
    expect(teams.textOf(answer)).toContain('Priority:')
    expect(teams.textOf(answer)).toContain('INC-001')
  })

  test('is no business of a guest', async () => {
    const answer = await teams.answerTo(await teams.as(gus).say('list'))
    expect(teams.textOf(answer)).toContain('Guests cannot work incidents here.')
  })

  test('is told by the agent to who asks in plain words', async () => {
    const answer = await teams.answerTo(await teams.as(finn).say('what is going on with INC-001?'))
    expect(teams.textOf(answer)).toContain('INC-001')
  })
})
