import { sql } from 'kysely'
import type { Tx } from '../../db/pool.ts'
import { defaultDepartments } from '../permissions.ts'
import type { Action, Conditions, Target } from '../policies/policy.ts'
import type { NewPolicy } from '../policies/save.ts'
import type { WrittenAction, WrittenPolicy, WrittenTarget } from '../policies/written.ts'
import type { Planning } from './step.ts'

type Ids = (kind: 'person' | 'schedule' | 'team' | 'webhook' | 'service', name: string) => string
type Spelt = { ids: Ids; category: (name: string) => string; department: (name: string) => string }

/** Names of the file to ids; one that is about to be made has none yet, and differs from every id. */
export async function loadIds({ tx, orgId, file, teamIds, serviceIds, personIds }: Planning): Promise<Spelt> {
  const people = new Map(file.people.map(({ email }, index) => [email, personIds[index]!]))
  const schedules = await byName(tx, orgId, 'schedules')
  const webhooks = await byName(tx, orgId, 'webhooks')
  const maps = { person: people, schedule: schedules, team: teamIds, webhook: webhooks, service: serviceIds }
  const categories = await tx.selectFrom('categories').select('name').where('org_id', '=', orgId).execute()
  const departments = await tx.selectFrom('departments').select('name').where('org_id', '=', orgId).execute()
  return {
    ids: (kind, name) => maps[kind].get(name.toLowerCase()) ?? `new ${kind} ${name.toLowerCase()}`,
    category: speller([...categories, ...file.categories]),
    department: speller([...departments, ...defaultDepartments, ...file.departments]),
  }
}

/** Names as the file spells them where they are defined, so that what is said of a change is the change alone. */
export function spelt(
  policy: WrittenPolicy,
  { file }: Planning,
  { category, department }: Spelt,
): WrittenPolicy {
  const spell = {
    team: speller(file.teams),
    service: speller(file.services),
    schedule: speller(file.schedules),
    webhook: speller(file.webhooks),
  }
  const target = <T extends WrittenTarget>(written: T): T =>
    written.type === 'team' || written.type === 'schedule' || written.type === 'webhook'
      ? { ...written, name: spell[written.type](written.name) }
      : written
  const { when, steps, nobody } = policy
  return {
    ...policy,
    when: {
      ...when,
      ...(when.team && { team: spell.team(when.team) }),
      ...(when.category && { category: category(when.category) }),
      ...(when.department && { department: department(when.department) }),
      ...(when.service && { service: spell.service(when.service) }),
    },
    steps: steps.map(({ afterSeconds, notify, actions }) => ({
      afterSeconds,
      notify: notify.map(target),
      actions: actions.map((action) =>
        action.type === 'assign' ? { ...action, to: target(action.to) } : action,
      ),
    })),
    ...(nobody && { nobody: target(nobody) }),
  }
}

/** The spelling that is stored already wins. */
const speller = (rows: { name: string }[]) => (name: string) =>
  rows.find((row) => row.name.toLowerCase() === name.toLowerCase())?.name ?? name

async function byName(
  tx: Tx,
  orgId: string,
  table: 'schedules' | 'webhooks',
): Promise<Map<string | undefined, string>> {
  const { rows } = await sql<{ id: string; name: string }>`
    select id, lower(name) as name from ${sql.table(table)} where org_id = ${orgId}`.execute(tx)
  return new Map(rows.map(({ id, name }) => [name, id]))
}

/** A written policy with ids in the place of names. */
export function stand(policy: WrittenPolicy, { ids }: Pick<Spelt, 'ids'>): NewPolicy {
  const { when, steps, nobody, ...rest } = policy
  const target = (written: WrittenTarget): Target => {
    switch (written.type) {
      case 'person':
        return { type: 'person', personId: ids('person', written.name) }
      case 'schedule':
        return { type: 'schedule', scheduleId: ids('schedule', written.name) }
      case 'team':
        return { type: 'team', teamId: ids('team', written.name) }
      case 'webhook':
        return { type: 'webhook', webhookId: ids('webhook', written.name) }
      default:
        return written
    }
  }
  const action = (written: WrittenAction): Action =>
    written.type === 'assign'
      ? { type: 'assign', to: target(written.to) as Extract<Target, { type: 'person' | 'schedule' }> }
      : written
  const conditions: Conditions = {
    ...(when.priority && { priority: when.priority }),
    ...(when.team && { teamId: ids('team', when.team) }),
    ...(when.category && { category: when.category }),
    ...(when.department && { department: when.department }),
    ...(when.service && { serviceId: ids('service', when.service) }),
  }
  return {
    ...rest,
    conditions,
    steps: steps.map(({ afterSeconds, notify, actions }) => ({
      afterSeconds,
      notify: notify.map(target),
      actions: actions.map(action),
    })),
    ...(nobody && { nobody: target(nobody) }),
  }
}
