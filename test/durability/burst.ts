/** Many people typing commands and sentences at once, each waiting for one answer before the next; from a seed, so that it repeats. */
import { event } from '../support/slack-payloads.ts'
import type { SlackMessage, SlackStandIn } from '../support/slack-stand-in.ts'

/** `ask`: a sentence to the bot in a channel, which comes again while it is not taken. */
export type Kind = 'declare' | 'note' | 'priority' | 'ack' | 'ask'

export type Command = {
  kind: Kind
  user: string
  text: string
  channel: string
  /** What the answer or the row must have in it to be this command's own. */
  mark: string
  /** `accepted`: the app took it. `refused`: it said that nothing was done. `lost`: it never answered. */
  outcome?: 'accepted' | 'refused' | 'lost'
  /** What it is stored under. */
  key?: string
  isAnswer?: (message: SlackMessage) => boolean
  /** The body that it was refused with. */
  said?: string
  /** The request itself, which may outlast people's patience. */
  request?: Promise<unknown>
}

/** mulberry32: small, seeded, good enough to pick moments. */
export function createRandom(seed: number) {
  let state = seed >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
  return {
    next,
    below: (most: number): number => Math.floor(next() * most),
    pick: <T>(from: readonly T[]): T => from[Math.floor(next() * from.length)]!,
  }
}
export type Random = ReturnType<typeof createRandom>

/** What each may do; Vic may do nothing of it, and is told so. */
const abilities: Record<string, Kind[]> = {
  UIDA: ['declare', 'note', 'ack'],
  UOLGA: ['note', 'priority', 'declare', 'ask'],
  UMAYA: ['priority', 'ack', 'note', 'ask'],
  UVERA: ['priority', 'declare', 'ack', 'ask'],
  UADA: ['declare', 'note', 'priority', 'ack'],
  UVIC: ['declare', 'note', 'ack'],
}
export const refusedUser = 'UVIC'

/** The incidents that the burst works on, one a channel; declared before it. */
export const standing = ['INC-001', 'INC-002', 'INC-003', 'INC-004', 'INC-005', 'INC-006']

const textOf = (kind: Kind, mark: string, random: Random): string => {
  const key = random.pick(standing)
  switch (kind) {
    case 'declare':
      return `declare Fault ${mark}`
    case 'note':
      return `note ${key} seen ${mark}`
    case 'priority':
      return `priority ${key} P${1 + random.below(5)}`
    case 'ack':
      return `ack ${key}`
    case 'ask':
      return `set the priority of ${key} to P${1 + random.below(5)}`
  }
}

export function planBurst(random: Random, each: number): Command[][] {
  return Object.entries(abilities).map(([user, kinds]) =>
    Array.from({ length: each }, (_, index) => {
      const kind = random.pick(kinds)
      const mark = `${user.toLowerCase()}-${index}-${random.below(1e9).toString(36)}`
      return { kind, user, mark, channel: `C9${user.slice(1)}`, text: textOf(kind, mark, random) }
    }),
  )
}

/** Declares what the burst works on, each by another: whoever declared is told of every change, once a second. */
export async function declareStanding(slack: SlackStandIn): Promise<void> {
  const reporters = ['UIDA', 'UIVO', 'UOLGA', 'UMAYA', 'UVERA', 'UADA']
  for (const [index, key] of standing.entries()) {
    const sent = await slack
      .as(reporters[index]!)
      .command(`declare Standing ${index}`, { channel: `C${index + 1}` })
    const answer = await slack.answerTo(sent)
    if (!slack.textOf(answer).includes(key)) throw new Error(`not ${key}: ${slack.textOf(answer)}`)
  }
}

/**
 * Everybody types at once. `urlFor` says where each command goes (a balancer's part); `answered` is called after each
 * answer with how many there have been.
 */
export async function type(
  slack: SlackStandIn,
  plan: Command[][],
  urlFor: () => string | Promise<string>,
  answered: (count: number) => void,
): Promise<void> {
  let count = 0
  await Promise.all(
    plan.map(async (mine) => {
      for (const command of mine) {
        const url = await urlFor()
        slack.connect(url)
        await (command.kind === 'ask' ? ask(slack, command, urlFor) : send(slack, command))
        if (command.outcome !== 'lost') answered(++count)
      }
    }),
  )
}

/** Slack gives up on a request after three seconds, and so do people. */
const silence = () =>
  new Promise<never>((_, reject) => {
    setTimeout(() => reject(new Error('no answer within 3 s')), 3_000).unref()
  })

async function send(slack: SlackStandIn, command: Command): Promise<void> {
  const before = new Set(slack.state.hooks.keys())
  // The request is built and sent before the first await: what it carries is known even when no answer comes.
  const sending = slack.as(command.user).command(command.text, { channel: command.channel })
  const hook = [...slack.state.hooks.keys()].find((name) => !before.has(name))
  command.key = `command:${[...slack.state.triggers.keys()].at(-1)}`
  command.isAnswer = (message) => message.hook === hook
  command.request = sending.catch(() => undefined)
  try {
    const { status, body } = await Promise.race([sending, silence()])
    command.outcome = status === 200 && body === '' ? 'accepted' : 'refused'
    command.said = JSON.stringify(body)
  } catch {
    command.outcome = 'lost'
  }
}

/** Slack sends an event again while nobody says that it was taken: here sooner than its one and five minutes. */
const againAfterMs = [0, 300, 1_000, 3_000]

async function ask(
  slack: SlackStandIn,
  command: Command,
  urlFor: () => string | Promise<string>,
): Promise<void> {
  const { user, channel } = command
  const id = `Ev${command.mark}`
  const ts = slack.state.ts()
  const inner = { type: 'app_mention', channel, text: `<@${slack.bot}> ${command.text}`, ts, event_ts: ts }
  const raw = JSON.stringify(event({ user, team: slack.team, home: slack.team }, id, slack.bot, inner))
  command.key = `event:${id}`
  command.isAnswer = (message) => message.user === slack.bot && message.thread_ts === ts
  command.outcome = 'lost'
  for (const wait of againAfterMs) {
    await new Promise((resolve) => setTimeout(resolve, wait))
    slack.connect(await urlFor())
    const sending = slack.client.post(raw, 'application/json')
    command.request = sending.catch(() => undefined)
    const answer = await Promise.race([sending, silence()]).catch(() => undefined)
    if (answer?.status !== 200) continue
    command.outcome = 'accepted'
    return
  }
}
