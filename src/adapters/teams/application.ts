/**
 * The package's Application as the router, and nothing else of it: activities come from our own endpoint, are
 * verified before, and stored first where they must be. Its own answer to a card's button is not used: for a card
 * with `refresh` it would change the message for everybody to what only the clicker may see. No storage, no planner,
 * no typing timer of its own.
 */
import { Application, type TurnState } from '@microsoft/teams-ai'
import { type Activity, type BotAdapter, TurnContext } from 'botbuilder'
import type { Inbound } from '../../chat/inbound.ts'
import type { WorkspaceRef } from '../../ports/platform.ts'
import type { TeamsActivity } from './activity.ts'

/** The HTTP answer to an invoke. */
export type InvokeAnswer = { status: number; body?: unknown }

/** One activity on its way; `eventId` is its own, however often it comes. */
export type Invoke = { workspace: WorkspaceRef; eventId: string; activity: TeamsActivity }

export type Routes = {
  message(activity: TeamsActivity): Inbound | undefined
  execute(invoke: Invoke): Promise<InvokeAnswer>
  openDialog(invoke: Invoke): Promise<InvokeAnswer>
  submitDialog(invoke: Invoke): Promise<InvokeAnswer>
  query(invoke: Invoke): Promise<InvokeAnswer>
  openAction(invoke: Invoke): Promise<InvokeAnswer>
}

type Turn = { invoke?: Invoke; inbound?: Inbound; answer?: InvokeAnswer }

export type TeamsRouter = {
  /** What a stored message means. */
  read(activity: TeamsActivity): Promise<Inbound | undefined>
  /** undefined: an invoke that nothing here handles. */
  invoke(invoke: Invoke): Promise<InvokeAnswer | undefined>
}

const turnKey = 'tocsin'
const turnOf = (context: TurnContext): Turn => context.turnState.get(turnKey) as Turn

/** The routes answer through the turn. What the package sends after a handler is its own idea of an answer: dropped. */
const silent = { sendActivities: async () => [] } as unknown as BotAdapter

const isInvoke = (name: string) => async (context: TurnContext) =>
  context.activity.type === 'invoke' && context.activity.name === name

/** The package throws at an action of another type: that is left to nobody, as every unknown invoke is. */
const isExecute = async (context: TurnContext) =>
  (await isInvoke('adaptiveCard/action')(context)) &&
  (context.activity.value as { action?: { type?: unknown } } | undefined)?.action?.type === 'Action.Execute'

export const createRouter = (routes: Routes): TeamsRouter => {
  const app = new Application<TurnState>({ startTypingTimer: false, removeRecipientMention: false })

  const answering =
    (route: (invoke: Invoke) => Promise<InvokeAnswer>) =>
    async (context: TurnContext): Promise<string> => {
      const turn = turnOf(context)
      if (turn.invoke) turn.answer = await route(turn.invoke)
      return 'answered'
    }
  app.activity('message', async (context) => {
    turnOf(context).inbound = routes.message(context.activity as unknown as TeamsActivity)
  })
  app.adaptiveCards.actionExecute(isExecute, answering(routes.execute))
  app.taskModules.fetch(isInvoke('task/fetch'), answering(routes.openDialog))
  app.taskModules.submit(isInvoke('task/submit'), answering(routes.submitDialog))
  app.messageExtensions.query(isInvoke('composeExtension/query'), async (context) => {
    await answering(routes.query)(context)
    return {}
  })
  app.messageExtensions.fetchTask(isInvoke('composeExtension/fetchTask'), answering(routes.openAction))
  app.messageExtensions.submitAction(
    isInvoke('composeExtension/submitAction'),
    answering(routes.submitDialog),
  )

  const run = async (activity: TeamsActivity, turn: Turn): Promise<Turn> => {
    // Some routes of the package look at the channel's name: Microsoft's local client may call itself emulator.
    const context = new TurnContext(silent, { ...activity, channelId: 'msteams' } as unknown as Activity)
    context.turnState.set(turnKey, turn)
    await app.run(context)
    return turn
  }

  return {
    read: async (activity) => (await run(activity, {})).inbound,
    invoke: async (invoke) => (await run(invoke.activity, { invoke })).answer,
  }
}
