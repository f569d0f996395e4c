/** The search for people with the real Slack adapter against the stand-in, one look at a time. */
import { pino } from 'pino'
import { createSlack } from '../../src/adapters/slack/slack.ts'
import type { Chat } from '../../src/chat/chat.ts'
import { type FindPeopleOptions, findPeopleJob } from '../../src/engine/find-people.ts'
import type { CarrierName, Platform } from '../../src/ports/platform.ts'
import { type SlackStandIn, startSlackStandIn } from '../support/slack-stand-in.ts'
import type { World } from './support.ts'

export type Finder = Awaited<ReturnType<typeof startFinder>>

/** Nothing comes in here. */
const nobodySpeaks = {} as Chat

export const slackPlatform = (slack: SlackStandIn, log = pino({ level: 'silent' })): Platform =>
  createSlack({
    config: {
      botToken: slack.token,
      signingSecret: slack.secret,
      apiUrl: slack.apiUrl,
      commands: ['/incident'],
    },
    chat: nobodySpeaks,
    log,
  }).platform

export async function startFinder(world: World, options: Partial<FindPeopleOptions> = {}) {
  const slack = await startSlackStandIn({ team: world.slack.externalId })
  const lines: { level: number; msg: string; reason?: string }[] = []
  const log = pino({ level: 'info', base: undefined }, { write: (line) => void lines.push(JSON.parse(line)) })
  const replica = (other: Partial<FindPeopleOptions> = {}) => {
    const platforms = new Map<CarrierName, Platform>([['slack', slackPlatform(slack)]])
    const job = findPeopleJob({
      db: world.db,
      platforms,
      adminEmails: [],
      log,
      drainMs: 1_000,
      ...options,
      ...other,
    })
    const quiet = () =>
      slack.waitFor(() => job.inWork!() === 0, { timeoutMs: 15_000, what: 'the end of the search' })
    return {
      job,
      async look() {
        await job.run(new AbortController().signal)
        await quiet()
      },
      quiet,
    }
  }
  const one = replica()
  return {
    ...one,
    slack,
    lines,
    replica,
    asked: () => slack.calls('users.lookupByEmail').map(({ args }) => String(args.email)),
    /** Real time that the pace goes by. */
    wait: (seconds: number) =>
      world.owner
        .updateTable('workspaces')
        .set((eb) => ({ lookups_until: eb.val(new Date(Date.now() - seconds * 1000)) }))
        .execute(),
    accounts: async () => {
      const rows = await world.owner
        .selectFrom('identities')
        .leftJoin('people', 'people.id', 'identities.person_id')
        .select(['identities.external_id', 'people.name'])
        .orderBy('identities.external_id')
        .execute()
      return rows.map(({ external_id, name }) => `${external_id} ${name}`)
    },
    async stop() {
      await one.job.drain!()
      await slack.close()
    },
  }
}
