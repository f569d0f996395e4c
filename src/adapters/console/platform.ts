/** The console as a platform: what is delivered is stored, then pushed to the pages of whoever may see it. */
import { randomUUID } from 'node:crypto'
import type { Card } from '../../messages/card.ts'
import type {
  AnswerStream,
  DeliveryResult,
  Outgoing,
  Platform,
  Profile,
  Route,
} from '../../ports/platform.ts'
import { readTrigger } from './read.ts'
import type { Store } from './store.ts'
import {
  type ConsoleChannel,
  type ConsoleMessage,
  type ConsolePerson,
  directChannel,
  isDirect,
  mayRead,
  maySee,
} from './types.ts'
import { formView, messageView } from './view.ts'
import type { Viewers } from './viewers.ts'

/** A growing answer is pushed whole at most this often. */
const draftEveryMs = 60

export type Stage = {
  store: Store
  viewers: Viewers
  people: () => Promise<ConsolePerson[]>
  channels: () => Promise<ConsoleChannel[]>
}

export function createPlatform(stage: Stage): Platform {
  return {
    name: 'console',
    paceMs: 0,
    deliver: (_workspace, outgoing) => deliver(stage, outgoing),
    profile: async (_workspace, user): Promise<Profile> => {
      const person = (await stage.people()).find((one) => one.user === user)
      return person ? { user, name: person.name, kind: 'member' } : { user, name: user, kind: 'unknown' }
    },
    stream: async (_workspace, place) =>
      place.channel === directChannel(place.user) ? answerStream(stage, place) : undefined,
    status: async (_workspace, { channel, thread }, text) =>
      stage.viewers.push('status', { channel, thread, text }, (user) => mayRead(channel, user)),
  }
}

/** Stores it, then shows it. Throws when it cannot be stored. */
export function publish({ store, viewers }: Pick<Stage, 'store' | 'viewers'>, message: ConsoleMessage): void {
  store.put(message)
  viewers.push('message', messageView(message), (user) => maySee(message, user), store.cursor())
}

async function deliver(stage: Stage, outgoing: Outgoing): Promise<DeliveryResult> {
  const { content } = outgoing
  if (content.type === 'form') return openForm(stage, outgoing.route, content)
  if (content.type === 'event') return noEvents
  if (content.type === 'open_channel') return noChannels
  try {
    return content.type === 'update'
      ? change(stage, content.message.message, content.card, outgoing.mentions)
      : await post(stage, outgoing, content.card)
  } catch (error) {
    return { ok: false, retry: true, reason: error instanceof Error ? error.message : 'not stored' }
  }
}

const noEvents: DeliveryResult = { ok: false, retry: false, reason: 'People are told, not sent events.' }
const noChannels: DeliveryResult = { ok: false, retry: false, reason: 'the console opens no channels' }

async function post(stage: Stage, outgoing: Outgoing, card: Card): Promise<DeliveryResult> {
  const { channel, thread, only } = target(outgoing.route)
  if (!(await stands(stage, channel)))
    return { ok: false, retry: false, gone: 'channel', reason: `There is no ${channel} in the console.` }
  // The second try of one delivery finds what the first one left.
  if (!stage.store.get(outgoing.id))
    publish(stage, {
      id: outgoing.id,
      ...stage.store.reserve(),
      channel,
      thread,
      for: only,
      body: { type: 'card', card, mentions: outgoing.mentions },
    })
  return { ok: true, receipt: { channel, message: outgoing.id, thread } }
}

function change(stage: Stage, id: string, card: Card, mentions: Record<string, string>): DeliveryResult {
  const message = stage.store.get(id)
  if (!message || message.from)
    return { ok: false, retry: false, gone: 'message', reason: 'That message is gone.' }
  publish(stage, { ...message, edited: new Date().toISOString(), body: { type: 'card', card, mentions } })
  return { ok: true, receipt: { channel: message.channel, message: id, thread: message.thread } }
}

function openForm(
  { viewers }: Stage,
  route: Route,
  content: Extract<Outgoing['content'], { type: 'form' }>,
): DeliveryResult {
  const { user, page } = readTrigger(content.trigger)
  const viewer = viewers.pageOf(user, page)
  if (!viewer) return { ok: false, retry: false, gone: 'trigger', reason: 'Their page is not open any more.' }
  const { channel, thread } = target(route)
  viewers.send(viewer, 'form', { channel, thread, form: formView(content.form) })
  return { ok: true }
}

function target(route: Route): { channel: string; thread?: string; only?: string } {
  switch (route.type) {
    case 'channel':
      return { channel: route.channel, thread: route.thread }
    case 'person':
      return { channel: directChannel(route.user) }
    case 'ephemeral':
      return { channel: route.channel, thread: route.thread, only: only(route) }
    case 'response':
      return { channel: route.channel, only: only(route) }
  }
}

/** In one's own conversation everything is private already. */
const only = ({ channel, user }: { channel: string; user: string }) =>
  channel === directChannel(user) ? undefined : user

async function stands(stage: Stage, channel: string): Promise<boolean> {
  return isDirect(channel)
    ? (await stage.people()).some(({ user }) => directChannel(user) === channel)
    : (await stage.channels()).some((one) => one.channel === channel)
}

function answerStream(stage: Stage, place: { channel: string; thread?: string }): AnswerStream {
  const draft = { id: randomUUID(), ...stage.store.reserve(), channel: place.channel, thread: place.thread }
  let text = ''
  let timer: NodeJS.Timeout | undefined
  const push = (data: object) => stage.viewers.push('draft', data, (user) => mayRead(place.channel, user))
  const show = () => {
    timer = undefined
    push({ ...draft, text })
  }
  return {
    append(more) {
      text += more
      timer ??= setTimeout(show, draftEveryMs)
    },
    async finish(card) {
      clearTimeout(timer)
      try {
        publish(stage, { ...draft, body: { type: 'card', card, mentions: {} } })
      } catch {
        push({ ...draft, gone: true })
        return undefined
      }
      return { channel: draft.channel, message: draft.id, thread: draft.thread }
    },
  }
}
