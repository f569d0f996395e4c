import { uuid } from '../../db/uuid.ts'
import type { Planning, Step } from './step.ts'

/** Teams of the file; one that it no longer has stays, and verbs may change it again. */
export async function planTeams(planning: Planning): Promise<Step[]> {
  const { tx, orgId, file, teamIds } = planning
  const rows = await tx.selectFrom('teams').selectAll().where('org_id', '=', orgId).execute()
  for (const row of rows) teamIds.set(row.name.toLowerCase(), row.id)
  const steps: Step[] = []
  for (const { name } of file.teams) {
    const stored = rows.find((row) => row.name.toLowerCase() === name.toLowerCase())
    if (!stored) {
      const id = uuid()
      teamIds.set(name.toLowerCase(), id)
      steps.push({
        section: 'teams',
        action: 'add',
        subject: name,
        run: () => tx.insertInto('teams').values({ org_id: orgId, id, name, from_file: true }).execute(),
      })
    } else if (stored.name !== name || !stored.from_file) {
      steps.push({
        section: 'teams',
        action: 'change',
        subject: name,
        old: { name: stored.name, from_file: stored.from_file },
        new: { name, from_file: true },
        run: () => setTeam(planning, stored.id, { name, from_file: true }),
      })
    }
  }
  const kept = new Set(file.teams.map((team) => team.name.toLowerCase()))
  for (const row of rows) {
    if (!row.from_file || kept.has(row.name.toLowerCase())) continue
    steps.push({
      section: 'teams',
      action: 'release',
      subject: row.name,
      run: () => setTeam(planning, row.id, { from_file: false }),
    })
  }
  return steps
}

const setTeam = ({ tx, orgId }: Planning, id: string, set: { name?: string; from_file: boolean }) =>
  tx.updateTable('teams').set(set).where('org_id', '=', orgId).where('id', '=', id).execute()
