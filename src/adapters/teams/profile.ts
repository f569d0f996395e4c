import { createExpiring } from '../../core/expiring.ts'
import { unavailable } from '../../errors.ts'
import type { Profile, WorkspaceRef } from '../../ports/platform.ts'
import type { Connector } from './connector.ts'
import { failureOf, pauseOf } from './failure.ts'
import type { Places } from './places.ts'

type Member = Record<string, unknown>

/** Conversations that are asked for somebody whom no one has heard of. */
const mostAsked = 5

const text = (value: unknown): string | undefined =>
  typeof value === 'string' && value.trim() ? value.trim() : undefined

const same = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase()

/**
 * Guests, anonymous and federated users have no role (the roster names another tenant's people with their tenant;
 * a guest's principal name holds `#EXT#`). What the roster calls by a word of its own is nobody we know.
 */
const kindOf = (member: Member, tenant: string | undefined): Profile['kind'] => {
  const { tenantId, userRole } = member
  if (tenant && tenantId != null && !same(text(tenantId) ?? '', tenant)) return 'foreign'
  const role = userRole == null ? 'user' : text(userRole)?.toLowerCase()
  if (role === 'guest' || role === 'anonymous') return 'guest'
  if (/#ext#/i.test(text(member.userPrincipalName) ?? '')) return 'guest'
  return role === 'user' || role === 'owner' ? 'member' : 'unknown'
}

/**
 * What the roster says of a member (learn.microsoft.com/microsoftteams, "Get Teams context").
 * @param tenant ours; without one (Microsoft's local client) nobody is of another.
 */
export const profileOf = (member: Member, user: string, tenant: string | undefined): Profile => {
  const id = text(member.aadObjectId) ?? text(member.objectId)
  const given = [text(member.givenName), text(member.surname)].filter(Boolean).join(' ')
  const name = text(member.name) ?? (given || user)
  if (id && !same(id, user)) return { user, name: user, kind: 'unknown' }
  const kind = kindOf(member, tenant)
  // Only of full members is an address the tenant's own word.
  return { user, name, kind, ...(kind === 'member' && text(member.email) && { email: text(member.email) }) }
}

/** Rejects with an `unavailable` TocsinError while Teams cannot say. */
export const createProfiles = (options: { connector: Connector; places: Places; tenant?: string }) => {
  const { connector, places, tenant } = options
  const known = createExpiring<Profile>({ most: 5000, milliseconds: 10 * 60_000 })

  /** Microsoft's local client finds a member by an id of its own alone: its roster has the AAD object id too. */
  const inRoster = async (serviceUrl: string, conversation: string, user: string) => {
    const path = ['conversations', conversation, 'pagedmembers']
    const answer = await connector({ serviceUrl, method: 'GET', path })
    const members = answer.ok && Array.isArray(answer.body.members) ? (answer.body.members as Member[]) : []
    return members.find((member) => same(text(member.aadObjectId) ?? '', user))
  }

  const load = async (workspace: WorkspaceRef, user: string): Promise<Profile> => {
    const unknown: Profile = { user, name: user, kind: 'unknown' }
    if (user.startsWith('28:')) return { ...unknown, kind: 'bot' }
    for (const { conversation, serviceUrl } of await places.whereabouts(workspace, user, mostAsked)) {
      const path = ['conversations', conversation, 'members', user]
      const answer = await connector({ serviceUrl, method: 'GET', path })
      if (answer.ok) return profileOf(answer.body, user, tenant)
      const failure = failureOf(answer.fault)
      const local = tenant ? undefined : await inRoster(serviceUrl, conversation, user)
      if (local) return profileOf(local, user, tenant)
      // A roster that they, or the bot, are not in says so with one of many codes: the next one may know them.
      const notThere =
        answer.fault.status === 404 || answer.fault.status === 403 || answer.fault.status === 400
      if (!notThere)
        throw unavailable(`Teams cannot be asked who this is: ${failure.reason}.`, pauseOf(failure))
    }
    return unknown
  }

  return async (workspace: WorkspaceRef, user: string): Promise<Profile> => {
    const key = `${workspace.externalId} ${user}`
    const profile = await known.get(key, () => load(workspace, user))
    // Whom nobody has heard of may speak the next moment.
    if (profile.kind === 'unknown') known.drop(key)
    return profile
  }
}
