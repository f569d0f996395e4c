/** The ways in, as Slack sends them, signed, to the real endpoint: each gives every case's answer as its asker reads it. */
import type { SlackMessage, SlackView } from '../support/slack-state.ts'
import { isStranger } from './cast.ts'
import type { Case } from './walk.ts'
import type { World } from './world.ts'

export type Surface = {
  name: string
  /** How the audit log calls what came this way. */
  audited: 'slack' | 'agent'
  /** Whether an example can be asked for this way. */
  takes: (each: Pick<Case, 'operation' | 'example'>) => boolean
  /** Whether it may be sent again while it is being worked: a refusal is then audited again. */
  repeats?: boolean
  ask: (world: World, cases: Case[]) => Promise<string[]>
}

const patience = { timeoutMs: 50_000, what: 'every answer' }

/** The answers through response addresses: one wait for all of them. */
async function throughHooks(world: World, sent: { status: number; hook?: string }[]): Promise<string[]> {
  const { slack } = world.tocsin
  const wrong = sent.find(({ status }) => status !== 200)
  if (wrong) throw new Error(`A request was answered with ${wrong.status}`)
  const found = new Map<string, SlackMessage>()
  let seen = 0
  await slack.waitFor(() => {
    for (; seen < slack.state.messages.length; seen += 1) {
      const message = slack.state.messages[seen]!
      if (message.hook) found.set(message.hook, message)
    }
    return sent.every(({ hook }) => found.has(hook!))
  }, patience)
  const texts = sent.map(({ hook }) => slack.textOf(found.get(hook!)!))
  slack.state.messages.length = 0
  slack.state.calls.length = 0
  return texts
}

export const command: Surface = {
  name: 'slash command',
  audited: 'slack',
  takes: ({ example }) => example.command !== undefined,
  ask: async (world, cases) => {
    const sent = await Promise.all(
      cases.map(async ({ who, slot, example }) => {
        await world.pace(who.user)
        return world.tocsin.slack
          .as(who.user)
          .command(example.command!(slot), { channel: channelOf({ slot, who }) })
      }),
    )
    return throughHooks(world, sent)
  },
}

/** A channel of each slot's own, where what is posted waits for nobody; a stranger's are nobody else's. */
const channelOf = ({ slot, who }: Pick<Case, 'slot' | 'who'>) =>
  `C0${isStranger(who) ? 'STRANGE' : 'SLOT'}${slot.number}`

/** A button that does it, in a message of the bot's. */
export const cardWith = (channel: string, action: unknown): SlackMessage => ({
  channel,
  ts: '1700000000.000100',
  text: 'A card',
  user: 'U0BOT',
  edits: 0,
  order: 0,
  blocks: [
    {
      type: 'actions',
      elements: [
        {
          type: 'button',
          action_id: 'do',
          text: { type: 'plain_text', text: 'Do it' },
          value: JSON.stringify(action),
        },
      ],
    },
  ],
})

const actionOf = ({ operation, example, slot }: Case) =>
  operation.name === 'share_answer'
    ? { type: 'share', ...example.input(slot) }
    : { type: 'perform', operation: operation.name, input: example.input(slot) }

export const button: Surface = {
  name: 'button',
  audited: 'slack',
  takes: () => true,
  ask: async (world, cases) => {
    const sent = await Promise.all(
      cases.map(async (each) => {
        await world.pace(each.who.user)
        const card = cardWith(channelOf(each), actionOf(each))
        return world.tocsin.slack.as(each.who.user).click(card, 'Do it')
      }),
    )
    return throughHooks(world, sent)
  },
}

const fieldsOf: Record<string, string[]> = {
  create_incident: ['title', 'description', 'priority'],
  update_incident: ['status', 'priority', 'note'],
  reopen: ['reason'],
  save_policy: ['name', 'service', 'steps'],
}

/** The dialog with every field, whoever sends it: what somebody may set is not decided by what they were shown. */
const dialogOf = ({ operation, slot, who }: Case, id: number): SlackView => ({
  id: `V${slot.word}${who.user}${id}`,
  hash: 'made',
  callback_id: `form:${operation.name}`,
  private_metadata: JSON.stringify({
    hidden: { incident: slot.key, channel: channelOf({ slot, who }) },
    metadata: '{}',
  }),
  title: { text: 'A dialog' },
  blocks: fieldsOf[operation.name]!.map((name) => ({
    type: 'input',
    block_id: name,
    label: { text: name },
    element: {
      type: ['status', 'priority'].includes(name) ? 'static_select' : 'plain_text_input',
      action_id: name,
    },
  })),
  trigger: '',
  user: who.user,
})

/** Slack waits three seconds for a dialog's answer: few at once, so that a slow machine keeps to it. */
const mostDialogs = 4

export const dialog: Surface = {
  name: 'dialog',
  audited: 'slack',
  takes: ({ operation }) => operation.name in fieldsOf,
  repeats: true,
  ask: async (world, cases) => {
    const answers: string[] = []
    const waiting = [...cases.entries()]
    const sendNext = async () => {
      for (let next = waiting.shift(); next; next = waiting.shift()) {
        const [index, each] = next
        answers[index] = await submit(world, each, dialogOf(each, index))
      }
    }
    await Promise.all(Array.from({ length: mostDialogs }, sendNext))
    return answers
  },
}

async function submit(world: World, each: Case, view: SlackView): Promise<string> {
  await world.pace(each.who.user)
  const values = each.example.input(each.slot) as Record<string, string>
  const { body } = await world.tocsin.slack.client.submit(view, values, { user: each.who.user })
  const answer = body as { response_action: string; errors?: Record<string, string> }
  const text = answer.errors ? Object.values(answer.errors).join('\n') : answer.response_action
  return /Submit once more/.test(text) ? submit(world, each, view) : text
}

/** A direct message that says which tool the model is to call; the stand-in's model does, and repeats the result. */
export const byMessage: Surface = {
  name: 'message to the agent',
  audited: 'agent',
  takes: () => true,
  ask: async (world, cases) => {
    const { slack, sql } = world.tocsin
    // Each case begins a conversation: what was read before would make its writes wait for a click.
    await sql('delete from conversation_items')
    const sent = await Promise.all(
      cases.map(async ({ who, operation, example, slot }) => {
        await world.pace(who.user)
        const call = JSON.stringify({ name: operation.name, arguments: example.input(slot) })
        return slack.as(who.user).dm(`Please CALL ${call} END`)
      }),
    )
    const answerOf = (one: { order: number; channel?: string }) =>
      slack.state.messages.find(
        (message) =>
          message.channel === one.channel &&
          message.order > one.order &&
          message.user === slack.bot &&
          !message.streaming &&
          /Said: |An administrator/.test(slack.textOf(message)),
      )
    await slack.waitFor(() => sent.every(answerOf), patience)
    const texts = sent.map((one) => slack.textOf(answerOf(one)!))
    slack.state.messages.length = 0
    slack.state.calls.length = 0
    return texts
  },
}
