/** The console is on the same server: what fails there is the connection of the page. */
import { be } from '../console/support.ts'
import { exampleCorp, startTocsin } from '../support/app.ts'
import { actionsOf, cardWords } from '../support/teams-people.ts'
import { asSeen, type Driver, liveInCard, type Room, type Shown, slowly, type Who } from './driver.ts'
import { contract } from './suite.ts'

const names: Record<Who, string> = {
  ida: 'Ida Torres',
  lena: 'Lena Lead',
  vic: 'Vic Viewer',
  finn: 'Finn Weber',
}

type View = {
  id: string
  order: number
  channel: string
  from: unknown
  private: boolean
  text?: string
  card?: Record<string, unknown>
}

const startConsole = async (): Promise<Driver> => {
  const tocsin = await startTocsin({ configuration: exampleCorp + slowly, env: { CONSOLE: 'on' } })
  await tocsin.sql(
    "insert into channels (org_id, platform, channel, name) select org_id, 'console', 'doomed', '#doomed' from organizations",
  )
  const started = (await (await fetch(`${tocsin.url}/console/state`)).json()) as {
    people: { user: string; name: string }[]
  }
  const userOf = (who: Who) => started.people.find(({ name }) => name === names[who])!.user
  const browsers = {
    ida: await be(tocsin.url, userOf('ida')),
    lena: await be(tocsin.url, userOf('lena')),
    vic: await be(tocsin.url, userOf('vic')),
    finn: await be(tocsin.url, userOf('finn')),
  }
  const shownAs = (view: View): Shown => ({
    text: asSeen(cardWords(view.card)) || (view.text ?? ''),
    buttons: actionsOf(view.card).map(({ title }) => title),
    live: liveInCard(view.card),
    raw: view,
  })
  const read = async (who: Who, channel: string) =>
    ((await browsers[who].messages(channel)) as unknown as View[]).filter(({ from }) => !from)

  // What stands in a channel is read by a page that listens, and that misses what comes while it is cut off.
  const page = new Map<string, View>()
  let listening = await browsers.vic.listen()
  let taken = 0
  let cursor = ''
  const hear = () => {
    for (const { event, data, id } of listening.heard.slice(taken)) {
      if (id) cursor = id
      if (event === 'message') page.set(data.id, data as unknown as View)
    }
    taken = listening.heard.length
  }

  return {
    tocsin,
    say: async (who, text, room) => {
      const to = room ?? `direct:${userOf(who)}`
      const { status, body } = await browsers[who].say(to, room ? `@tocsin ${text}` : text)
      if (status !== 202) throw new Error(`The console took it with ${status}: ${JSON.stringify(body)}`)
    },
    alone: async (who) => (await read(who, `direct:${userOf(who)}`)).map(shownAs),
    shown: async (room: Room) => {
      hear()
      return [...page.values()]
        .filter((view) => view.channel === room && !view.from && !view.private)
        .sort((a, b) => a.order - b.order)
        .map(shownAs)
    },
    press: async (who, message, button) => {
      const view = message.raw as View
      const found = actionsOf(view.card).find(({ title }) => title === button)
      if (!found) throw new Error(`No button ${button}; there are: ${message.buttons.join(', ')}`)
      const asked = {
        eventId: crypto.randomUUID(),
        message: view.id,
        action: found.data!.action,
        page: 'p1',
      }
      const before = new Set((await read(who, view.channel)).map(({ id }) => id))
      await browsers[who].send('/console/action', asked)
      const answer = await tocsin.slack.waitFor(
        async () => (await read(who, view.channel)).find((each) => each.private && !before.has(each.id)),
        { what: 'an answer to the click' },
      )
      const again = async () => void (await browsers[who].send('/console/action', asked))
      return { text: shownAs(answer).text, again }
    },
    fail: () => {
      hear()
      void listening.stop()
    },
    recover: async () => {
      listening = await browsers.vic.listen(`&after=${cursor}`)
      taken = 0
    },
    takeAway: async () => {
      await tocsin.sql("delete from channels where platform = 'console' and channel = 'doomed'")
    },
    close: async () => {
      await listening.stop()
      await tocsin.stop()
    },
  }
}

contract('the console', startConsole)
