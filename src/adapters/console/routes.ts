import { fileURLToPath } from 'node:url'
import express, { type Request, type Response, type Router } from 'express'
import type { Logger } from 'pino'
import type { Chat } from '../../chat/chat.ts'
import { cleanText } from '../../core/clean-text.ts'
import { isTocsinError } from '../../errors.ts'
import type { WorkspaceRef } from '../../ports/platform.ts'
import { actionBody, checked, eventsQuery, formBody, maxBytes, messageBody, sessionBody } from './body.ts'
import { guard, headers } from './guard.ts'
import { publish, type Stage } from './platform.ts'
import { type ConsolePayload, heard, privately } from './read.ts'
import { answerFailure, Refusal } from './refusal.ts'
import { createSessions } from './sessions.ts'
import { directChannel, isDirect, maySee } from './types.ts'
import { messageView } from './view.ts'

const pageFiles = fileURLToPath(new URL('./page/', import.meta.url))
const renderer = fileURLToPath(import.meta.resolve('adaptivecards/dist/adaptivecards.min.js'))

export type Door = {
  chat: Chat
  stage: Stage
  host: string
  log: Logger
  /** Undefined while the console is not open: nothing is taken in. */
  workspace: () => WorkspaceRef | undefined
  /** What is being received: a stop waits for it. */
  receiving: Set<Promise<unknown>>
}

export function routes({ chat, stage, host, log, workspace, receiving }: Door): Router {
  const { store, viewers, people, channels } = stage
  const sessions = createSessions()

  const open = (): WorkspaceRef => {
    const ref = workspace()
    if (!ref) throw new Refusal(503, 'The console is not open. Nothing was done; try again in a moment.')
    return ref
  }

  const whoIs = async (req: Request) => {
    const session = sessions.find(req)
    if (!session) throw new Refusal(401, 'Choose who you are first.')
    // Frozen here: another tab may choose somebody else while this request waits.
    const { user } = session
    const me = (await people()).find((person) => person.user === user)
    if (!me) throw new Refusal(401, 'That person is not here any more. Choose who you are.')
    return { ...me, session }
  }

  const channelFor = async (user: string, channel: string): Promise<string> => {
    const known = channel === directChannel(user) || (await channels()).some((one) => one.channel === channel)
    if (!known) throw new Refusal(404, 'There is no such channel.')
    return channel
  }

  const visible = (id: string, user: string) => {
    const message = store.get(id)
    if (!message || !maySee(message, user)) throw new Refusal(404, 'That message is not there.')
    return message
  }

  /** A thread has one level: whoever answers an answer answers its root. */
  const threadFor = (user: string, channel: string, id: string | undefined): string | undefined => {
    if (id === undefined) return undefined
    const message = visible(id, user)
    if (message.channel !== channel) throw new Refusal(404, 'That message is in another channel.')
    if (message.for !== undefined && !message.thread)
      throw new Refusal(400, 'What only you see has no thread.')
    return message.thread ?? message.id
  }

  const receive = async (eventId: string, payload: ConsolePayload) => {
    const arrival = { workspace: open(), eventId, sender: payload.user, payload: JSON.stringify(payload) }
    try {
      return await chat.receive(arrival)
    } catch (error) {
      log.warn({ err: error }, 'console request not stored')
      const known = isTocsinError(error) ? error.message : undefined
      throw new Refusal(503, known ?? 'Nothing was done: that could not be stored. Try again in a moment.')
    }
  }

  const postSession = async (req: Request, res: Response) => {
    const { user } = checked(sessionBody, req.body)
    const me = (await people()).find((person) => person.user === user)
    if (!me) throw new Refusal(404, 'There is no such person.')
    viewers.switched(sessions.choose(req, res, user))
    res.json({ me })
  }

  const getState = async (req: Request, res: Response) => {
    const everybody = await people()
    const all = await channels()
    if (!sessions.find(req)) return void res.json({ me: null, people: everybody, channels: all })
    const { user, name, title } = await whoIs(req)
    const asked = req.query.channel
    if (asked !== undefined && typeof asked !== 'string') throw new Refusal(400, 'channel: is wrong.')
    const channel = asked ? await channelFor(user, asked) : (all[0]?.channel ?? directChannel(user))
    const verbs = await chat.verbsFor(open(), user).catch((error: unknown) => {
      log.warn({ err: error }, 'no verbs for completion')
      return []
    })
    // The cursor before the list: what comes between is sent twice rather than never.
    const cursor = store.cursor()
    const messages = store.list(channel, user).map(messageView)
    const me = { user, name, title, direct: directChannel(user) }
    res.json({ me, people: everybody, channels: all, verbs, channel, messages, cursor })
  }

  const getEvents = async (req: Request, res: Response) => {
    const { session, user } = await whoIs(req)
    const { page, after } = checked(eventsQuery, { ...req.query })
    if (viewers.full()) throw new Refusal(503, 'Too many pages are open.')
    open()
    const viewer = { session, user, page, res }
    const from = req.get('Last-Event-ID') ?? after
    const missed = from === undefined ? [] : store.since(from, user)
    const cursor = store.cursor()
    viewers.open(viewer)
    if (!missed) viewers.send(viewer, 'reset', {})
    for (const message of missed ?? []) viewers.send(viewer, 'message', messageView(message))
    viewers.send(viewer, 'hello', {}, cursor)
  }

  const postMessage = async (req: Request, res: Response) => {
    const { user, name } = await whoIs(req)
    const body = checked(messageBody, req.body)
    open()
    const channel = await channelFor(user, body.channel)
    const thread = threadFor(user, channel, body.thread)
    const text = cleanText(body.text).trim()
    if (!text) throw new Refusal(400, 'text: write something first.')
    const direct = channel === directChannel(user)
    const forBot = heard(text, direct)
    const slash = /^\/\S*/.exec(text)
    if (slash && forBot?.kind !== 'command' && !direct)
      throw new Refusal(400, `${slash[0].slice(0, 40)} is not a command here. Commands begin with /incident.`)
    // Twice is once, and nobody's event can stand in another's way.
    const id = `${user}:${body.eventId}`
    const place = store.reserve()
    if (forBot)
      await receive(id, { type: 'message', user, channel, thread, text, message: id, page: body.page })
    const only = forBot?.kind === 'command' && !direct ? user : undefined
    if (!store.get(id))
      publish(stage, {
        id,
        ...place,
        channel,
        thread,
        from: { user, name },
        for: only,
        body: { type: 'text', text },
      })
    res.status(202).json({ message: id })
  }

  const postAction = async (req: Request, res: Response) => {
    const { user } = await whoIs(req)
    const { eventId, message: id, action, page } = checked(actionBody, req.body)
    const { channel, thread } = visible(id, user)
    const outcome = await receive(`${user}:${eventId}`, {
      type: 'action',
      user,
      channel,
      thread,
      message: id,
      action,
      page,
    })
    res.status(202).json({ outcome })
  }

  const postForm = async (req: Request, res: Response) => {
    const { user } = await whoIs(req)
    const body = checked(formBody, req.body)
    const channel = await channelFor(user, body.channel)
    const thread = threadFor(user, channel, body.thread)
    const answer = await chat.submit(open(), `${user}:${body.eventId}`, {
      kind: 'submission',
      user,
      place: { channel, thread, direct: isDirect(channel) },
      reply: privately(user, channel, thread),
      operation: body.operation,
      values: body.values,
      hidden: body.hidden,
    })
    res.status(answer.ok ? 200 : 422).json(answer)
  }

  const counted =
    (work: (req: Request, res: Response) => Promise<void>) => async (req: Request, res: Response) => {
      const working = work(req, res)
      receiving.add(working)
      await working.finally(() => receiving.delete(working))
    }

  const json = [
    (req: Request, _res: Response, next: (error?: unknown) => void) =>
      next(req.is('application/json') ? undefined : new Refusal(415, 'JSON is needed (application/json).')),
    express.json({ limit: maxBytes, inflate: false }),
  ]

  // Only the console's own paths: other adapters live on the same server.
  const router = express.Router()
  const own = ['/', '/console', '/console/*rest']
  router.all(own, guard(host), headers)
  router.get('/', (_req, res) => res.sendFile('index.html', { root: pageFiles, cacheControl: false }))
  router.get('/console/adaptivecards.js', (_req, res) => res.sendFile(renderer, { cacheControl: false }))
  router.get('/console/state', getState)
  router.get('/console/events', getEvents)
  router.post('/console/session', json, counted(postSession))
  router.post('/console/message', json, counted(postMessage))
  router.post('/console/action', json, counted(postAction))
  router.post('/console/form', json, counted(postForm))
  router.use('/console', express.static(pageFiles, { index: false, redirect: false, cacheControl: false }))
  router.all(own.slice(1), (_req, res) => void res.status(404).json({ error: 'There is nothing here.' }))
  router.use(own, answerFailure(log))
  return router
}
