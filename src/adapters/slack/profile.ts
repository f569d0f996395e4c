import type { WebClient } from '@slack/web-api'
import { createExpiring } from '../../core/expiring.ts'
import { unavailable } from '../../errors.ts'
import type { Profile, WorkspaceRef } from '../../ports/platform.ts'
import { failureOf, pauseOf, slackCode } from './failure.ts'

type SlackUser = NonNullable<Awaited<ReturnType<WebClient['users']['info']>>['user']>

const slackbot = 'USLACKBOT'
const notFound = new Set(['user_not_found', 'user_not_visible', 'users_not_found'])

/** Of another organisation: seen through Slack Connect. On a Grid the organisation's other workspaces are ours. */
const isForeign = (user: SlackUser, ours: string): boolean => {
  if ((user as { is_stranger?: boolean }).is_stranger) return true
  const { enterprise_id: enterprise, teams } = user.enterprise_user ?? {}
  return user.team_id !== ours && enterprise !== ours && !teams?.includes(ours)
}

const kindOf = (user: SlackUser, ours: string): Profile['kind'] => {
  if (user.is_bot || user.id === slackbot) return 'bot'
  if (user.team_id && isForeign(user, ours)) return 'foreign'
  if (user.deleted) return 'deactivated'
  if (user.is_restricted || user.is_ultra_restricted) return 'guest'
  return user.team_id ? 'member' : 'unknown'
}

export const profileOf = (user: SlackUser, ours: string): Profile => {
  const id = user.id ?? ''
  const { display_name: display, real_name: real, email } = user.profile ?? {}
  return {
    user: id,
    name: real || user.real_name || display || user.name || id,
    email: email || undefined,
    timeZone: user.tz || undefined,
    kind: kindOf(user, ours),
    owner: Boolean(user.is_owner || user.is_primary_owner),
  }
}

/** Rejects with an `unavailable` TocsinError while Slack cannot say. */
export const createProfiles = (clientOf: (workspace: WorkspaceRef) => WebClient | undefined) => {
  const known = createExpiring<Profile>({ most: 5000, milliseconds: 10 * 60_000 })

  const load = async (workspace: WorkspaceRef, user: string): Promise<Profile> => {
    const unknown: Profile = { user, name: user, kind: 'unknown' }
    const client = clientOf(workspace)
    if (!client) throw unavailable('Slack cannot be asked who this is: no token is known for the workspace.')
    try {
      const { user: found } = await client.users.info({ user })
      return found ? profileOf(found, workspace.externalId) : unknown
    } catch (error) {
      if (notFound.has(slackCode(error) ?? '')) return unknown
      const { reason, ...failure } = failureOf(error)
      throw unavailable(`Slack cannot be asked who this is: ${reason}.`, pauseOf(failure))
    }
  }

  return (workspace: WorkspaceRef, user: string): Promise<Profile> =>
    known.get(`${workspace.externalId} ${user}`, () => load(workspace, user))
}
