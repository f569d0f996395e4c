import { createHash } from 'node:crypto'
import type { Chat } from '../../chat/chat.ts'
import { storableJson } from '../../core/clean-text.ts'
import { isTocsinError } from '../../errors.ts'
import type { JsonBody } from '../../json-body.ts'
import type { Logger } from '../../log.ts'
import type { WorkspaceRef } from '../../ports/platform.ts'
import { type TeamsActivity, userOf } from './activity.ts'
import type { Invoke, InvokeAnswer, TeamsRouter } from './application.ts'
import { dialogMessage } from './dialog.ts'
import { said } from './invoke.ts'
import { isForUs } from './translate.ts'

/** Teams waits about ten seconds for an invoke: before that the person hears that it is still being worked on. */
const invokeMs = 8_000

const notStored = 'Nothing was done: this could not be stored. Try again in a moment.'
const notReady = 'Nothing was done: Tocsin is still starting. Try again in a moment.'
const stopping = 'Nothing was done: Tocsin is restarting. Try again in a moment.'
const tooMany = 'Too many requests at once: nothing was done. Wait ten seconds and try again.'
const slow = 'This takes longer than usual. Look in a moment whether it was done, before you try again.'
const failed = 'Nothing was done: something is unavailable right now. Try again in a moment.'

const hash = (text: string): string => createHash('sha256').update(text).digest('hex')

/** An activity's own id is unique within its conversation; without one, what it says stands for it. */
const eventIdOf = ({ id, type, conversation }: TeamsActivity, body: JsonBody): string => {
  const whole = `${type}:${conversation.id}:${id || hash(JSON.stringify(body))}`
  // Cut off, two activities would be one, and the second lost.
  return whole.length > 400 ? `${type}:${hash(whole)}` : whole
}

export type Take = {
  (activity: TeamsActivity, body: JsonBody): Promise<InvokeAnswer>
  /** Refuses what comes from now on; resolves when what was being taken has been answered. */
  close(): Promise<void>
}

/** From a verified activity to its answer: messages are stored first and worked later, invokes at once. */
export const createTake = (options: {
  chat: Chat
  router: TeamsRouter
  /** The one tenant; unknown until the start has stored it. */
  workspace: () => WorkspaceRef | undefined
  within: (installation: string, person: string) => Promise<boolean>
  remember: (workspace: WorkspaceRef, activity: TeamsActivity) => Promise<void>
  log: Logger
}): Take => {
  const { chat, router, log } = options
  const inFlight = new Set<Promise<InvokeAnswer>>()
  let closed = false

  /** In words that whoever pressed can read; to what comes again by itself, a status that says so. */
  const nothingDone = ({ type, name }: TeamsActivity, status: number, line: string): InvokeAnswer => {
    if (type !== 'invoke') return { status, body: line }
    if (name === 'adaptiveCard/action') return said(line)
    return name?.startsWith('task/') ? dialogMessage(line) : { status, body: line }
  }

  const invoke = async (request: Invoke): Promise<InvokeAnswer> => {
    const { workspace, activity } = request
    const timer = Promise.withResolvers<InvokeAnswer>()
    const timeout = setTimeout(timer.resolve, invokeMs, nothingDone(activity, 503, slow))
    const work = options.remember(workspace, activity).then(() => router.invoke(request))
    let late = false
    work.catch((error) => {
      if (late) log.error({ err: error, name: activity.name }, 'An invoke failed after its answer was due')
    })
    const answer = await Promise.race([work, timer.promise]).finally(() => clearTimeout(timeout))
    late = true
    return answer ?? { status: 501, body: 'Tocsin does not handle this.' }
  }

  const work = async (activity: TeamsActivity, body: JsonBody): Promise<InvokeAnswer> => {
    const asked = activity.type === 'invoke' || isForUs(activity)
    if (closed) return nothingDone(activity, 503, stopping)
    const workspace = options.workspace()
    if (!workspace) return nothingDone(activity, 503, notReady)
    const sender = userOf(activity)
    if (asked && !(await options.within(workspace.externalId, sender)))
      return nothingDone(activity, 429, tooMany)
    try {
      const eventId = eventIdOf(activity, body)
      if (activity.type === 'invoke') return await invoke({ workspace, eventId, activity })
      await options.remember(workspace, activity)
      if (asked) await chat.receive({ workspace, eventId, sender, payload: storableJson(body) })
      return { status: 200 }
    } catch (error) {
      log.error({ err: error, type: activity.type, name: activity.name }, 'An activity could not be taken')
      if (activity.type === 'invoke') return nothingDone(activity, 503, failed)
      return { status: 503, body: isTocsinError(error) ? error.message : notStored }
    }
  }

  const take = (activity: TeamsActivity, body: JsonBody): Promise<InvokeAnswer> => {
    const answer = work(activity, body)
    inFlight.add(answer)
    const done = () => inFlight.delete(answer)
    answer.then(done, done)
    return answer
  }
  return Object.assign(take, {
    close: async () => {
      closed = true
      await Promise.allSettled(inFlight)
    },
  })
}
