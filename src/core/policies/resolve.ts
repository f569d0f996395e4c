import { sql } from 'kysely'
import type { Tx } from '../../db/pool.ts'
import { conflict, isTocsinError, notFound, TocsinError } from '../../errors.ts'
import { resolvePerson, resolveTeam } from '../people.ts'
import { findSchedule } from '../schedules/find.ts'
import type { Action, Conditions, Step, Target } from './policy.ts'
import type { WrittenAction, WrittenConditions, WrittenStep, WrittenTarget } from './written.ts'

/** Where names are looked up; mentions belong to a workspace, and `me` is whoever writes it. */
export type Where = { tx: Tx; orgId: string; workspaceId?: string; me: string }

/**
 * Names become ids, step by step.
 * @throws TocsinError not_found, conflict: in which step, and which names there are.
 */
export async function resolveSteps(where: Where, steps: readonly WrittenStep[]): Promise<Step[]> {
  const resolved: Step[] = []
  for (const [index, { afterSeconds, notify, actions }] of steps.entries()) {
    resolved.push(
      await inField('steps', `Step ${index + 1}: `, async () => ({
        afterSeconds,
        notify: await each(notify, (target) => resolveTarget(where, target)),
        actions: await each(actions, (action) => resolveAction(where, action)),
      })),
    )
  }
  return resolved
}

export const resolveNobody = (where: Where, target: WrittenTarget): Promise<Target> =>
  inField('nobody', '', () => resolveTarget(where, target))

export async function resolveConditions(where: Where, when: WrittenConditions): Promise<Conditions> {
  const { team, category, department, service, priority } = when
  return {
    ...(priority && { priority }),
    ...(team && {
      teamId: await inField('team', '', async () => (await resolveTeam(where.tx, where.orgId, team)).id),
    }),
    ...(category && { category: (await named(where, 'category', category)).name }),
    ...(department && { department: (await named(where, 'department', department)).name }),
    ...(service && { serviceId: (await named(where, 'service', service)).id }),
  }
}

async function each<From, To>(list: readonly From[], make: (one: From) => Promise<To>): Promise<To[]> {
  const made: To[] = []
  // One after the other: they share one connection.
  for (const one of list) made.push(await make(one))
  return made
}

/** The same refusal, at the field it is about. */
async function inField<T>(field: string, before: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!isTocsinError(error)) throw error
    throw new TocsinError(error.kind, `${before}${error.message}`, { ...error.detail, field })
  }
}

async function resolveTarget(where: Where, target: WrittenTarget): Promise<Target> {
  const { tx, orgId, workspaceId, me } = where
  switch (target.type) {
    case 'person':
      if (/^(me|myself)$/i.test(target.name)) return { type: 'person', personId: me }
      return {
        type: 'person',
        personId: (await resolvePerson(tx, orgId, target.name, { workspaceId })).id,
      }
    case 'schedule':
      return { type: 'schedule', scheduleId: await findSchedule(tx, orgId, target.name) }
    case 'team':
      return { type: 'team', teamId: (await resolveTeam(tx, orgId, target.name)).id }
    case 'webhook':
      return { type: 'webhook', webhookId: (await named(where, 'webhook', target.name)).id }
    case 'channel':
      await refuseUnknownPlatform(where, target)
      return target
    case 'rank':
      return target
  }
}

async function resolveAction(where: Where, action: WrittenAction): Promise<Action> {
  if (action.type !== 'assign') return action
  const to = await resolveTarget(where, action.to)
  if (to.type === 'person' || to.type === 'schedule') return { type: 'assign', to }
  throw conflict('An incident is assigned to a person or a schedule.')
}

/** A channel's name in the place of its id would be told nothing, and nobody would know. */
async function refuseUnknownPlatform(
  { tx, orgId }: Where,
  { platform, channel }: Extract<WrittenTarget, { type: 'channel' }>,
): Promise<void> {
  const workspace = await tx
    .selectFrom('workspaces')
    .select('id')
    .where('org_id', '=', orgId)
    .where('platform', '=', platform)
    .executeTakeFirst()
  if (workspace) return
  throw notFound(
    `There is no ${platform} workspace here for the channel ${channel}. A channel is given by its id, such as C0123456789.`,
  )
}

const tables = {
  category: 'categories',
  department: 'departments',
  service: 'services',
  webhook: 'webhooks',
} as const

/** Exact, whatever the case; an unknown name is refused with the known ones. */
async function named(
  { tx, orgId }: Where,
  kind: keyof typeof tables,
  name: string,
): Promise<{ id: string; name: string }> {
  const id = kind === 'service' || kind === 'webhook' ? sql`id` : sql`null::uuid`
  const { rows } = await sql<{ id: string; name: string; chosen: boolean }>`
    select ${id} as id, name, lower(name) = lower(${name}) as chosen from ${sql.table(tables[kind])}
    where org_id = ${orgId} ${kind === 'service' ? sql`and active` : sql``}
    order by lower(name) = lower(${name}) desc, name limit 20`.execute(tx)
  const [first] = rows
  if (first?.chosen) return first
  const known = rows.map((row) => row.name).join(', ') || 'none yet'
  throw notFound(`There is no ${kind} ${name}. Known: ${known}.`, { field: kind })
}
