/** The whole product with everybody in it, known by their first request, and a slot for each case of a round. */
import { setTimeout as delay } from 'node:timers/promises'
import { startTocsin, type Tocsin } from '../support/app.ts'
import { configurationOf, type Member, membersOf, type Person, slackUsers, strangers } from './cast.ts'
import { makeSlots, type Slot } from './slots.ts'

export type World = {
  tocsin: Tocsin
  members: Member[]
  slots: Slot[]
  /** The person's id behind a Slack user; none for a stranger. */
  idOf: (user: string) => string | null
  /** Waits until this user's next request is within the inbound limits. */
  pace: (user: string) => Promise<void>
}

/**
 * @param copies how many people there are of each department and rank.
 * @param asking those who will ask for something; everybody unless said.
 */
export async function openWorld(options: {
  copies: number
  slots: number
  asking?: Person[]
  env?: Record<string, string>
}): Promise<World> {
  const members = membersOf(options.copies)
  const tocsin = await startTocsin({ configuration: configurationOf(members), env: options.env })
  // Who has not asked for anything is not to become known in the middle of a round, which counts every change.
  await tocsin.sql(`update workspaces set lookups_until = now() + interval '1 day'`)
  for (const user of slackUsers(members)) tocsin.slack.addUser(user)
  const pace = createPace()
  const asking = options.asking ?? [...members, ...strangers]
  await Promise.all(
    asking.map(async ({ user }) => {
      await pace(user)
      const sent = await tocsin.slack.as(user).command('whoami', { channel: 'C0HELLO' })
      await tocsin.slack.answerTo(sent, { timeoutMs: 20_000 })
    }),
  )
  await tocsin.sql(`update people set active = false where name = 'Stranger removed'`)
  const slots = await makeSlots(tocsin.sql, options.slots)
  tocsin.slack.addUser({ id: 'UNORA', name: 'Nora Nobody', email: 't0@example.com' })
  const known = await tocsin.sql<{ user: string; id: string }>(
    `select external_id as user, person_id as id from identities`,
  )
  const ids = new Map(known.map(({ user, id }) => [user, id]))
  return { tocsin, members, slots, idOf: (user) => ids.get(user) ?? null, pace }
}

/** 500 requests of one workspace and 60 of one person within ten seconds are taken in: a few less are sent. */
function createPace() {
  const windowMs = 10_500
  const workspace = window(480, windowMs)
  const people = new Map<string, ReturnType<typeof window>>()
  return async (user: string) => {
    const own = people.get(user) ?? window(56, windowMs)
    people.set(user, own)
    await own()
    await workspace()
  }
}

/** Resolves when fewer than `most` have been let through in the last `ms`. */
function window(most: number, ms: number) {
  const times: number[] = []
  return async () => {
    const earliest = times.at(-most)
    const wait = earliest === undefined ? 0 : Math.max(0, earliest + ms - performance.now())
    times.push(performance.now() + wait)
    if (wait) await delay(wait)
  }
}
