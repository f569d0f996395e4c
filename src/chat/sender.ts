import type { Actor } from '../core/actor.ts'
import { type Identified, identify } from '../core/identities.ts'
import type { Permission } from '../core/permissions.ts'
import { inOrg } from '../db/pool.ts'
import type { WorkspaceRef } from '../ports/platform.ts'
import type { ChatContext } from './context.ts'
import type { Inbound } from './inbound.ts'

export type Sender = { identified: Identified; actor?: Actor; clearance: Permission[] }

/** The person behind a verified request, and what is known of the place it was made in. */
export async function findSender(
  context: ChatContext,
  workspace: WorkspaceRef,
  inbound: Pick<Inbound, 'user' | 'foreign' | 'place'>,
): Promise<Sender> {
  const { place } = inbound
  const identified: Identified = inbound.foreign
    ? { kind: 'stranger', reason: 'foreign', name: 'Somebody' }
    : await whoIs(context, workspace, inbound.user)
  const channel = place.direct ? undefined : await channelOf(context, workspace, place.channel)
  // A foreigner who speaks in a channel shows whose it is too, even where the platform does not say.
  const foreigner = identified.kind === 'stranger' && identified.reason === 'foreign'
  const seenOutside = !place.direct && (place.sharedOutside || foreigner)
  if (seenOutside && !channel?.shared_outside) await markShared(context, workspace, place.channel)
  const sharedOutside = seenOutside || (channel?.shared_outside ?? false)
  if (identified.kind === 'stranger') return { identified, clearance: [] }
  return {
    identified,
    // A channel's clearance never applies where another organisation is in the channel.
    clearance: sharedOutside ? [] : ((channel?.clearance ?? []) as Permission[]),
    actor: Object.freeze({
      orgId: workspace.orgId,
      personId: identified.personId,
      name: identified.name,
      surface: workspace.platform,
      place: { workspace, ...place, sharedOutside },
    }),
  }
}

export const whoIs = (context: ChatContext, workspace: WorkspaceRef, user: string): Promise<Identified> =>
  identify(
    context.db,
    workspace,
    user,
    () => context.adapters.get(workspace.platform)!.platform.profile(workspace, user),
    { adminEmails: context.adminEmails },
  )

/** People whom a line mentions become known before the operation looks them up; nobody waits for a failing one. */
export async function knowMentioned(
  context: ChatContext,
  workspace: WorkspaceRef,
  text: string,
): Promise<void> {
  const users = new Set([...text.matchAll(/<@([^>|\s]{1,200})[>|]/g)].map((match) => match[1]!))
  await Promise.all(
    [...users].slice(0, 10).map(async (user) => {
      try {
        await whoIs(context, workspace, user)
      } catch (error) {
        context.log.warn({ err: error, user }, 'a mentioned user could not be looked up')
      }
    }),
  )
}

const channelOf = (context: ChatContext, workspace: WorkspaceRef, channel: string) =>
  inOrg(context.db, workspace.orgId, ({ tx }) =>
    tx
      .selectFrom('channels')
      .select(['clearance', 'shared_outside'])
      .where('org_id', '=', workspace.orgId)
      .where('platform', '=', workspace.platform)
      .where('channel', '=', channel)
      .executeTakeFirst(),
  )

/** Remembered for what is posted there later: no clearance applies, and nothing restricted may be shared. */
const markShared = (context: ChatContext, workspace: WorkspaceRef, channel: string) =>
  inOrg(context.db, workspace.orgId, ({ tx }) =>
    tx
      .insertInto('channels')
      .values({
        org_id: workspace.orgId,
        platform: workspace.platform,
        channel,
        name: null,
        team_id: null,
        shared_outside: true,
      })
      .onConflict((oc) => oc.columns(['org_id', 'platform', 'channel']).doUpdateSet({ shared_outside: true }))
      .execute(),
  )
