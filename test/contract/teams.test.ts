import type { Json, TeamsMessage } from '../support/teams-stand-in.ts'
import { configuration, finn, ida, incidents, startTeamsWorld, vic } from '../teams/world.ts'
import { asSeen, type Driver, escaped, liveInCard, type Room, type Shown, slowly } from './driver.ts'
import { contract } from './suite.ts'

const lena = '1e4a0000-0000-4000-8000-000000000005'
const users = { ida, lena, vic, finn }
const channels: Record<Room, string> = {
  incidents,
  general: '19:general@thread.tacv2',
  doomed: '19:doomed@thread.tacv2',
}

const startTeams = async (): Promise<Driver> => {
  const world = await startTeamsWorld({}, configuration + slowly)
  const { teams, tocsin } = world
  teams.addUser({ id: lena, name: 'Lena Lead', email: 'lena@example.com' })
  const shownAs = (message: TeamsMessage): Shown => ({
    text: asSeen(teams.textOf(message)),
    // Teams itself asks for a viewer's own card by the refresh: nobody presses it.
    buttons: teams.buttonsOf({ ...teams.cardOf(message), refresh: undefined }),
    live: liveInCard(message.activity),
    raw: structuredClone(message),
  })
  return {
    tocsin,
    say: async (who, text, room) => {
      await teams.as(users[who]).say(escaped(text), room && { channel: channels[room] })
    },
    alone: async (who) => teams.direct(users[who]).map(shownAs),
    shown: async (room) => teams.messages(channels[room]).map(shownAs),
    press: async (who, message, button) => {
      const sent = await teams.as(users[who]).click(message.raw as TeamsMessage, button)
      const body = sent.body as Json
      const text = typeof body.value === 'string' ? body.value : teams.textOf(body)
      return { text, again: async () => void (await teams.send(sent.activity)) }
    },
    fail: (how) => {
      teams.control.fault = () =>
        how === 'throttled' ? { type: 'status', status: 429, retryAfter: 1 } : { type: 'status', status: 503 }
    },
    recover: () => {
      teams.control.fault = () => undefined
    },
    takeAway: () => {
      teams.control.fault = ({ path, body }) =>
        decodeURIComponent(path).includes(channels.doomed) || JSON.stringify(body).includes(channels.doomed)
          ? { type: 'status', status: 403, code: 'BotNotInConversationRoster' }
          : undefined
    },
    close: world.close,
  }
}

contract('Microsoft Teams', startTeams)
