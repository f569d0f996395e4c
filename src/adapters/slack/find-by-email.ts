import type { WebClient } from '@slack/web-api'
import { denied, unavailable } from '../../errors.ts'
import type { Profile, WorkspaceRef } from '../../ports/platform.ts'
import { failureOf, pauseOf, slackCode } from './failure.ts'
import { profileOf } from './profile.ts'

const notFound = new Set(['users_not_found', 'user_not_found', 'user_not_visible'])
/** Said of the one address, not of the app. */
const ofTheAddress = new Set(['invalid_arguments', 'invalid_arg_name'])

const scope = 'users:read.email'

/**
 * users.lookupByEmail (scope users:read.email, tier 3). Rejects with a TocsinError: denied where Slack does not let
 * the app ask, unavailable while it cannot say.
 */
export const createFindByEmail =
  (clientOf: (workspace: WorkspaceRef) => WebClient | undefined) =>
  async (workspace: WorkspaceRef, email: string): Promise<Profile | undefined> => {
    const client = clientOf(workspace)
    if (!client)
      throw unavailable('Slack cannot be asked whose address this is: no token is known for the workspace.')
    try {
      const { user } = await client.users.lookupByEmail({ email })
      return user && profileOf(user, workspace.externalId)
    } catch (error) {
      const code = slackCode(error)
      if (code && notFound.has(code)) return undefined
      const { reason, ...failure } = failureOf(error)
      if (failure.retry || !code || ofTheAddress.has(code))
        throw unavailable(`Slack cannot be asked whose address this is: ${reason}.`, pauseOf(failure))
      const what = code === 'missing_scope' ? ` Add the scope ${scope} to the app and install it again.` : ''
      throw denied(`Slack does not let people be found by their e-mail address: ${reason}.${what}`)
    }
  }
