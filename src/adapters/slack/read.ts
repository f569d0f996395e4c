import { App, type Receiver } from '@slack/bolt'
import type { Inbound } from '../../chat/inbound.ts'
import type { Logger } from '../../log.ts'
import type { WorkspaceRef } from '../../ports/platform.ts'
import type { Body } from './body.ts'
import { quietLogger } from './quiet-logger.ts'
import {
  actionShape,
  commandShape,
  eventShape,
  shortcutShape,
  speechShape,
  submissionShape,
} from './shapes.ts'
import {
  fromAction,
  fromCommand,
  fromShortcut,
  fromSpeech,
  fromSubmission,
  type Reader,
} from './translate.ts'

/** What each stored payload brings along through Bolt, to be found in its context. */
type Reading = Reader & { accept: (inbound: Inbound | undefined) => void }

/** Requests come through our own endpoint or socket and are stored first: Bolt gets them from the inbox. */
const storedPayloads: Receiver = { init() {}, start: async () => {}, stop: async () => {} }

/** Bolt as the router: every listener translates and hands on, and does nothing else. */
export const createReader = (options: {
  token: string
  apiUrl?: string
  botUser: () => string | undefined
  mayRespond: (url: string) => boolean
  log: Logger
}) => {
  const { log } = options
  const app = new App({
    receiver: storedPayloads,
    logger: quietLogger(log),
    convoStore: false,
    clientOptions: options.apiUrl ? { slackApiUrl: options.apiUrl } : {},
    authorize: async (_source, body) => ({ botToken: options.token, botUserId: botOf(body) }),
  })

  /** The payload says which user the bot is there; what auth.test said stands in. */
  const botOf = (body: unknown): string | undefined =>
    eventShape.safeParse(body).data?.authorizations?.[0]?.user_id || options.botUser()

  const readingOf = (context: object) => context as Reading

  app.command(/.*/, async ({ body, context }) => {
    const command = commandShape.safeParse(body).data
    const reading = readingOf(context)
    reading.accept(command && fromCommand(command, reading))
  })
  const speech = async ({ body, context }: { body: unknown; context: object }) => {
    const envelope = eventShape.safeParse(body).data
    const said = speechShape.safeParse(envelope?.event).data
    const reading = readingOf(context)
    reading.accept(envelope && said && fromSpeech(envelope, said, botOf(body), reading))
  }
  app.event('app_mention', speech)
  app.event('message', speech)
  app.action(/.*/, async ({ body, context }) => {
    const action = actionShape.safeParse(body).data
    const reading = readingOf(context)
    const inbound = action && fromAction(action, reading)
    if (!inbound) log.warn({ action: action?.actions[0]?.action_id }, 'A button without a usable value')
    reading.accept(inbound)
  })
  app.view(/.*/, async ({ body, context }) => {
    const submission = submissionShape.safeParse(body).data
    const reading = readingOf(context)
    reading.accept(submission && fromSubmission(submission, reading))
  })
  app.shortcut('declare', async ({ body, context }) => {
    const shortcut = shortcutShape.safeParse(body).data
    const reading = readingOf(context)
    reading.accept(shortcut && fromShortcut(shortcut, reading))
  })

  return async (workspace: WorkspaceRef, payload: Body): Promise<Inbound | undefined> => {
    let read: Inbound | undefined
    const reading: Reading = {
      workspace,
      mayRespond: options.mayRespond,
      accept: (inbound) => {
        read = inbound
      },
    }
    await app.processEvent({ body: payload, ack: async () => {}, customProperties: reading })
    return read
  }
}
