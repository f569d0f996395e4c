import { setTimeout } from 'node:timers/promises'
import type { WebClient } from '@slack/web-api'
import type { Chat } from '../../chat/chat.ts'
import type { Logger } from '../../log.ts'
import { failureOf } from './failure.ts'

/** `installation` is the team, or the Grid organisation that the app is installed on. */
export type Identity = { installation: string; team: string; botUser: string }

const firstWaitMs = 500
const longestWaitMs = 30_000

const askOnce = async (client: WebClient, chat: Chat): Promise<Identity> => {
  const said = await client.auth.test()
  const { team_id: team, user_id: botUser, enterprise_id: enterprise, is_enterprise_install: orgWide } = said
  const installation = orgWide ? enterprise : team
  if (!installation || !botUser) throw new Error('auth.test named no team or user')
  await chat.ensureWorkspace('slack', installation, said.team ?? installation)
  return { installation, team: team ?? installation, botUser }
}

/** Learns in the background who we are, however long Slack is away. */
export const createIdentity = (options: { client: WebClient; chat: Chat; log: Logger }) => {
  const { client, chat, log } = options
  const stopped = new AbortController()
  let identity: Identity | undefined
  let started = false

  const ask = async () => {
    for (let waitMs = firstWaitMs; !stopped.signal.aborted; waitMs = Math.min(waitMs * 2, longestWaitMs)) {
      try {
        identity = await askOnce(client, chat)
        log.info({ team: identity.installation }, 'Connected to Slack')
        return
      } catch (error) {
        const failure = failureOf(error)
        log.warn({ reason: failure.reason }, 'Slack does not say who we are yet')
        const pause = failure.retry ? (failure.afterMs ?? waitMs) : longestWaitMs
        await setTimeout(pause, undefined, { signal: stopped.signal, ref: false }).catch(() => {})
      }
    }
  }
  return {
    current: () => identity,
    start: () => {
      if (!started) void ask()
      started = true
    },
    stop: () => stopped.abort(),
  }
}
