import { exampleCorp, startTocsin } from '../support/app.ts'
import type { SlackMessage } from '../support/slack-stand-in.ts'
import { type Driver, escaped, liveInBlocks, type Room, type Shown, slowly } from './driver.ts'
import { contract } from './suite.ts'

const users = { ida: 'UIDA', lena: 'ULENA', vic: 'UVIC', finn: 'UFINN' }
const channels: Record<Room, string> = {
  incidents: 'C0INCIDENTS',
  general: 'C0GENERAL',
  doomed: 'C0DOOMED',
}

const startSlack = async (): Promise<Driver> => {
  const tocsin = await startTocsin({ configuration: exampleCorp + slowly })
  const { slack } = tocsin
  const shownAs = (message: SlackMessage): Shown => ({
    text: slack.textOf(message),
    buttons: slack.buttonsOf(message),
    live: liveInBlocks(message),
    raw: structuredClone(message),
  })
  return {
    tocsin,
    say: async (who, text, room) => {
      const person = slack.as(users[who])
      await (room ? person.mention(escaped(text), { channel: channels[room] }) : person.dm(escaped(text)))
    },
    alone: async (who) => slack.direct(users[who]).map(shownAs),
    shown: async (room) => slack.messages(channels[room]).map(shownAs),
    press: async (who, message, button) => {
      const sent = await slack.as(users[who]).click(message.raw as SlackMessage, button)
      const answer = await slack.answerTo(sent)
      if (answer.ephemeralTo !== users[who]) throw new Error('A click was answered to everybody.')
      const again = async () => void (await slack.client.post(sent.raw))
      return { text: slack.textOf(answer), again }
    },
    fail: (how) => {
      slack.control.fault = () =>
        how === 'throttled' ? { type: 'throttled', retryAfter: 1 } : { type: 'status', status: 503 }
    },
    recover: () => {
      slack.control.fault = () => undefined
    },
    takeAway: () => {
      slack.setChannel(channels.doomed, { missing: true })
    },
    close: () => tocsin.stop(),
  }
}

contract('Slack', startSlack)
