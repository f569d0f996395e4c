import { uuid } from '../../db/uuid.ts'
import { difference, type Planning, type Step } from './step.ts'

export async function planServices({ tx, orgId, file, teamIds, serviceIds }: Planning): Promise<Step[]> {
  const rows = await tx.selectFrom('services').selectAll().where('org_id', '=', orgId).execute()
  const steps: Step[] = []
  for (const service of file.services) {
    const stored = rows.find((row) => row.name.toLowerCase() === service.name.toLowerCase())
    const id = stored?.id ?? uuid()
    serviceIds.set(service.name.toLowerCase(), id)
    const wanted = {
      name: service.name,
      team_id: service.team ? teamIds.get(service.team.toLowerCase())! : null,
      critical: service.critical,
      cost_per_minute: service.cost_per_minute ?? null,
      active: true,
      from_file: true,
    }
    const now = stored && { ...stored, cost_per_minute: numeric(stored.cost_per_minute) }
    const changed = difference(now ?? {}, wanted)
    if (!changed) continue
    const { team_id: _, ...shown } = changed.new
    steps.push({
      section: 'services',
      action: stored ? 'change' : 'add',
      subject: service.name,
      ...(stored && { old: named(changed.old, teamIds) }),
      new: { ...shown, ...('team_id' in changed.new && { team: service.team ?? null }) },
      run: () =>
        stored
          ? tx.updateTable('services').set(wanted).where('org_id', '=', orgId).where('id', '=', id).execute()
          : tx
              .insertInto('services')
              .values({ org_id: orgId, id, ...wanted })
              .execute(),
    })
  }
  const kept = new Set(file.services.map((service) => service.name.toLowerCase()))
  for (const row of rows) {
    if (!row.from_file || !row.active || kept.has(row.name.toLowerCase())) continue
    steps.push({
      section: 'services',
      action: 'deactivate',
      subject: row.name,
      run: () =>
        tx
          .updateTable('services')
          .set({ active: false })
          .where('org_id', '=', orgId)
          .where('id', '=', row.id)
          .execute(),
    })
  }
  return steps
}

const numeric = (value: string | null) => (value === null ? null : Number(value))

function named({ team_id, ...old }: Record<string, unknown>, teamIds: Map<string, string>) {
  if (team_id === undefined) return old
  const team = [...teamIds].find(([, id]) => id === team_id)?.[0] ?? null
  return { ...old, team }
}
