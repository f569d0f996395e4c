import type { Json } from '../support/teams-stand-in.ts'
import { ida, startTeamsWorld, type World } from './world.ts'

/** A world with one incident, for the reviews to attack. */
export const startAttackedWorld = async (): Promise<World> => {
  const world = await startTeamsWorld()
  await world.teams.answerTo(await world.teams.as(ida).say('declare First of all'))
  return world
}

export type Attack = ReturnType<typeof attackOf>

export const attackOf = (teams: World['teams']) => ({
  message: (fields: Json = {}): Json =>
    teams.activityOf(ida, {}, { type: 'message', text: 'list', ...fields }),
  press: (user: string, action: unknown, verb = 'x') =>
    teams.as(user).invoke('adaptiveCard/action', {
      action: { type: 'Action.Execute', verb, data: { action } },
      trigger: 'manual',
    }),
  submit: (user: string, operation: string, fields: Json, hidden: Json = {}, place = {}) =>
    teams.as(user).invoke('task/submit', { data: { ...fields, form: { operation, hidden } } }, place),
})

export const text = (body: unknown) => JSON.stringify(body)
