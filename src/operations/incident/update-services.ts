import { sql } from 'kysely'
import { z } from 'zod'
import { line } from '../../core/clean-text.ts'
import { followServices } from '../../core/escalation/follow.ts'
import { about } from '../../core/incidents.ts'
import { onIncident, plain } from '../../core/labels.ts'
import type { Outcome } from '../../core/outcome.ts'
import { invalidInput, notFound } from '../../errors.ts'
import { defineOperation, type Scope } from '../define.ts'
import { incidentKey } from '../perform.ts'
import { changeAndTell } from './change.ts'

const names = z.array(line(100)).max(20).optional()

export const updateServices = defineOperation({
  name: 'update_services',
  summary: 'Show, add or remove the services that an incident affects.',
  input: z.strictObject({ incident: incidentKey, add: names, remove: names }),
  subject: 'incident',
  permission: {
    anyOf: ['update_services', 'view_incident'],
    needed: (_scope, { add, remove }) =>
      add?.length || remove?.length ? 'update_services' : 'view_incident',
  },
  effect: 'write',
  undone: "KEY's services were not changed",
  button: 'Update services',
  verb: {
    words: ['services'],
    usage: 'services [INC] [add|remove <service>]',
    parse: (rest) => {
      if (rest === '') return {}
      const [, how, what] = /^(add|remove)\s+(.+)$/is.exec(rest) ?? []
      if (!how || !what) return undefined
      return { [how.toLowerCase()]: what.split(',').map((name) => name.trim()) }
    },
  },
  run: async (scope, { add = [], remove = [] }) => {
    const { tx, orgId, now, incident } = scope
    const before = await affected(scope)
    if (!add.length && !remove.length) return listed(scope, before)
    const both = add.find((name) => remove.some((other) => other.toLowerCase() === name.toLowerCase()))
    if (both) throw invalidInput(`${both} cannot be added and removed at once.`, { field: 'add' })
    for (const service of await known(scope, add)) {
      await tx
        .insertInto('incident_services')
        .values({ org_id: orgId, incident_id: incident.id, service_id: service })
        .onConflict((oc) => oc.doNothing())
        .execute()
    }
    const removed = await known(scope, remove)
    if (removed.length) {
      await tx
        .deleteFrom('incident_services')
        .where('org_id', '=', orgId)
        .where('incident_id', '=', incident.id)
        .where('service_id', 'in', removed)
        .execute()
    }
    const after = await affected(scope)
    if (after.join() === before.join()) return listed(scope, after)
    const outcome = await changeAndTell(scope, {
      operation: 'update_services',
      change: 'services',
      old: { services: before },
      new: { services: after },
      from: before.join(', ') || undefined,
      to: after.join(', ') || 'none',
    })
    await followServices({ tx, orgId, now }, { ...incident, ...outcome.incident! }, scope.actor)
    return outcome
  },
})

const listed = ({ incident }: Scope<'incident'>, services: string[]): Outcome => ({
  incident: about(incident),
  parts: [
    {
      kind: 'lines',
      label: onIncident(incident, plain),
      title: services.length
        ? `${incident.key} affects these services`
        : `${incident.key} has no affected services yet: services ${incident.key} add <service>`,
      lines: services,
    },
  ],
})

async function affected({ tx, orgId, incident }: Scope<'incident'>): Promise<string[]> {
  const rows = await tx
    .selectFrom('incident_services')
    .innerJoin('services', (join) =>
      join
        .onRef('services.org_id', '=', 'incident_services.org_id')
        .onRef('services.id', '=', 'incident_services.service_id'),
    )
    .select('services.name')
    .where('incident_services.org_id', '=', orgId)
    .where('incident_services.incident_id', '=', incident.id)
    .orderBy('services.name')
    .execute()
  return rows.map((row) => row.name)
}

/** The ids of configured services by name; an unknown name is refused with the known ones. */
async function known({ tx, orgId }: Scope<'incident'>, wanted: string[]): Promise<string[]> {
  if (!wanted.length) return []
  const lower = wanted.map((name) => name.toLowerCase())
  const rows = await tx
    .selectFrom('services')
    .select(['id', 'name'])
    .where('org_id', '=', orgId)
    .where('active', '=', true)
    .where(sql`lower(name)`, 'in', lower)
    .execute()
  const lacking = wanted.find((name) => !rows.some((row) => row.name.toLowerCase() === name.toLowerCase()))
  if (lacking !== undefined) {
    const some = await tx
      .selectFrom('services')
      .select('name')
      .where('org_id', '=', orgId)
      .where('active', '=', true)
      .orderBy('name')
      .limit(10)
      .execute()
    const all = some.map((row) => row.name).join(', ') || 'none configured'
    throw notFound(`There is no service ${lacking}. Known: ${all}.`)
  }
  return rows.map((row) => row.id)
}
