import { expect } from 'vitest'
import type { TokenChange } from '../support/teams-issuer.ts'
import type { Json } from '../support/teams-stand-in.ts'
import { ida, startTeamsWorld, type World } from './world.ts'

export interface Sending {
  token?: string | null
  change?: TokenChange
}

export const startGatedWorld = async (): Promise<World> => {
  const world = await startTeamsWorld()
  // The keys are fetched when they are first needed: the figures below are of a program that has them.
  await world.teams.as(ida).say('help')
  return world
}

export const forgedMessage = (teams: World['teams'], fields: Json): Json =>
  teams.activityOf(ida, {}, { type: 'message', text: 'declare Forged', ...fields })

export const expectRefused = async (
  world: World,
  before: number,
  activity: Json,
  options: Sending,
  status?: number,
) => {
  const sent = await world.teams.send(activity, options)
  if (status) expect(sent.status).toBe(status)
  else expect([401, 403]).toContain(sent.status)
  expect(String(sent.body).length).toBeLessThan(200)
  expect(sent.ms).toBeLessThan(500)
  expect(await world.stored()).toBe(before)
}
