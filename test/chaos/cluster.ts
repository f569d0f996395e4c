/** Three replicas of the real program, each behind a tap of its own and known to Slack's stand-in by a name. */
import type { Running } from '../durability/process.ts'
import { createWorld, type World } from '../durability/world.ts'
import { startTap, type Tap } from './tap.ts'

export type Replica = { name: string; app: Running; tap: Tap }

export type Cluster = {
  world: World
  replicas: Replica[]
  alive(): Replica[]
  /** One more, in place of one that was killed. */
  add(): Promise<Replica>
  /** Moves business time. */
  advance(interval: string): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

/** Three steps, a minute apart: two people, two people, one person and a channel that calls them. */
export const climbing = `
organization: Example Corp
email_domains: [example.com]
people:
  - { name: Ida Torres, email: ida@example.com, department: IT, rank: oncall_engineer }
  - { name: Ivo Lang, email: ivo@example.com, department: IT, rank: user }
  - { name: Olga Brandt, email: olga@example.com, department: OPS, rank: user }
  - { name: Lena Lead, email: lena@example.com, department: none, rank: team_lead }
  - { name: Maya Okafor, email: maya@example.com, department: none, rank: manager }
  - { name: Vera Prince, email: vera@example.com, department: none, rank: vp }
  - { name: Ada Admin, email: ada@example.com, department: IT, rank: cto, admin: true }
  - { name: Vic Viewer, email: vic@example.com, department: none, rank: viewer }
policies:
  - name: everything
    steps:
      - { after: 1m, notify: [{ person: ida@example.com }, { person: ivo@example.com }] }
      - { after: 1m, notify: [{ person: lena@example.com }, { person: vera@example.com }] }
      - { after: 1m, notify: [{ person: maya@example.com }, { channel: { slack: C0WAR } }] }
`
export const stepsOfClimbing = 3
const paged = ['UIDA', 'UIVO', 'ULENA', 'UVERA', 'UMAYA']

/** Whoever may be paged has spoken once, so that their account is known. */
export async function everybodySpeaks({ slack }: World): Promise<void> {
  const sent = await Promise.all(
    paged.map((user) => slack.as(user).command('whoami', { channel: `C0${user}` })),
  )
  await Promise.all(sent.map((each) => slack.answerTo(each, { timeoutMs: 20_000 })))
}

export async function startCluster(): Promise<Cluster> {
  const world = await createWorld({ configuration: climbing })
  const replicas: Replica[] = []
  let count = 0
  const add = async () => {
    count += 1
    const name = `r${count}`
    const tap = await startTap(world.databaseUrl)
    const SLACK_API_URL = `${world.slack.url}/${name}/api/`
    const app = await world.replica({ DATABASE_URL: tap.url, SLACK_API_URL })
    const replica = { name, app, tap }
    tap.hit = () => app.kill('SIGKILL')
    replicas.push(replica)
    return replica
  }
  await add()
  await Promise.all([add(), add()])
  await everybodySpeaks(world)
  return {
    world,
    replicas,
    alive: () => replicas.filter(({ app }) => app.alive()),
    add,
    advance: async (interval) => {
      await world.sql('update clock set shift = shift + $1::interval', [interval])
    },
    async [Symbol.asyncDispose]() {
      await world.close()
      await Promise.all(replicas.map(({ tap }) => tap.close()))
    },
  }
}
