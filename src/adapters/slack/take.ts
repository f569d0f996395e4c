import type { Chat } from '../../chat/chat.ts'
import type { Inbound } from '../../chat/inbound.ts'
import { storableJson } from '../../core/clean-text.ts'
import { isTocsinError } from '../../errors.ts'
import type { Logger } from '../../log.ts'
import type { WorkspaceRef } from '../../ports/platform.ts'
import type { Body } from './body.ts'
import { type Answer, ephemeral, fieldErrors, refuse } from './refuse.ts'
import type { Kept } from './request.ts'
import { respond } from './respond.ts'

/** A dialog is answered within 3 s: before that the person is told that it is still being worked on. */
const submitMs = 2500

const notStored = 'Nothing was done: this could not be stored. Try again in a moment.'
const notReady = 'Nothing was done: Tocsin is still connecting to Slack. Try again in a moment.'
const stopping = 'Nothing was done: Tocsin is restarting. Try again in a moment.'
const tooMany = 'Too many requests at once: nothing was done. Wait ten seconds and try again.'
const slow = 'This takes longer than usual. Submit once more in a moment: it is done only once.'
const failed = 'Nothing was saved: something is unavailable right now. Try again in a moment.'

const toStore = ({ token: _, ...payload }: Body): string => storableJson(payload)

export type Take = {
  (request: Kept): Promise<Answer>
  /** Refuses what comes from now on; resolves when what was being taken has been answered. */
  close(): Promise<void>
}

/** From a verified request to its answer: stored first, answered afterwards, worked later. */
export const createTake = (options: {
  chat: Chat
  log: Logger
  commands: string[]
  within: (installation: string, person: string) => Promise<boolean>
  /** Whether it is known which workspace we belong to: until then none is refused for good. */
  connected: () => boolean
  mayRespond: (url: string) => boolean
  read: (workspace: WorkspaceRef, payload: Body) => Promise<Inbound | undefined>
}): Take => {
  const { chat, log } = options
  const inFlight = new Set<Promise<Answer>>()
  let closed = false

  const nothingDone = (request: Kept, line: string): Answer => {
    if (request.kind === 'interaction' && request.responseUrl && options.mayRespond(request.responseUrl))
      void respond(request.responseUrl, { text: line })
    return refuse(request, line)
  }

  const submit = async (workspace: WorkspaceRef, request: Kept & { kind: 'submission' }) => {
    const inbound = await options.read(workspace, request.payload)
    // A success would close the dialog as if it had been taken.
    if (inbound?.kind !== 'submission') return { status: 400, body: 'The dialog is not one of ours.' }
    const timer = Promise.withResolvers<undefined>()
    const timeout = setTimeout(timer.resolve, submitMs, undefined)
    const work = chat.submit(workspace, request.key, inbound)
    work.catch(() => {})
    const answer = await Promise.race([work, timer.promise]).finally(() => clearTimeout(timeout))
    if (!answer) return fieldErrors(request.view, {}, slow)
    if (!answer.ok) return fieldErrors(request.view, answer.errors, answer.message)
    return { status: 200, body: { response_action: 'clear' } }
  }

  const work = async (request: Kept): Promise<Answer> => {
    if (closed) return nothingDone(request, stopping)
    if (request.kind === 'command' && !options.commands.includes(request.command))
      return ephemeral(`Tocsin does not know ${request.command}. Try ${options.commands[0]} help.`)
    if (!(await options.within(request.installation, request.sender))) return nothingDone(request, tooMany)
    try {
      const workspace = await chat.workspace('slack', request.installation)
      if (!workspace)
        return options.connected()
          ? { status: 403, body: 'This workspace is not known here.' }
          : nothingDone(request, notReady)
      if (request.kind === 'submission') return await submit(workspace, request)
      await chat.receive({
        workspace,
        eventId: request.key,
        sender: request.sender,
        payload: toStore(request.payload),
      })
      return { status: 200 }
    } catch (error) {
      log.error({ err: error, kind: request.kind }, 'A request from Slack could not be taken')
      if (request.kind === 'submission') return nothingDone(request, failed)
      return nothingDone(request, isTocsinError(error) ? error.message : notStored)
    }
  }

  const take = (request: Kept): Promise<Answer> => {
    const answer = work(request)
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
