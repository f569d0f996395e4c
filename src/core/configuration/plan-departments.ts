import { sql } from 'kysely'
import { defaultDepartments } from '../permissions.ts'
import { filePolicies } from './plan-categories.ts'
import { difference, type Planning, type Step } from './step.ts'

const four = defaultDepartments.map((department) => department.name)

export async function planDepartments({ tx, orgId, file }: Planning): Promise<Step[]> {
  const rows = await tx.selectFrom('departments').selectAll().where('org_id', '=', orgId).execute()
  const steps: Step[] = []
  for (const department of file.departments) {
    const permissions = [...new Set(department.permissions)].sort()
    const wanted = { persona: department.persona, permissions }
    const stored = rows.find((row) => row.name.toLowerCase() === department.name.toLowerCase())
    const name = stored?.name ?? department.name
    const changed = stored ? difference(stored, wanted) : { new: wanted }
    if (!changed) continue
    steps.push({
      section: 'departments',
      action: stored ? 'change' : 'add',
      subject: name,
      ...changed,
      run: () =>
        tx
          .insertInto('departments')
          .values({ org_id: orgId, name, ...wanted })
          .onConflict((oc) => oc.columns(['org_id', 'name']).doUpdateSet(wanted))
          .execute(),
    })
  }
  return steps
}

/**
 * Departments that the file no longer has, after people and categories have left them: nobody is in them any more, and
 * they allow nothing. One that incidents or policies name stays for them, empty.
 */
export async function planFormerDepartments({ tx, orgId, file }: Planning): Promise<Step[]> {
  const rows = await tx
    .selectFrom('departments')
    .select([
      'name',
      'permissions',
      sql<boolean>`exists (select from incidents i
        where i.org_id = departments.org_id and i.department = departments.name)
        or exists (select from policies p where p.org_id = departments.org_id and p.department = departments.name
          and not (p.from_file and lower(p.name) = any(${filePolicies(file)})))`.as('used'),
    ])
    .where('org_id', '=', orgId)
    .where('name', 'not in', four)
    .execute()
  const kept = new Set(file.departments.map((department) => department.name.toLowerCase()))
  return rows
    .filter((row) => !kept.has(row.name.toLowerCase()) && !(row.used && row.permissions.length === 0))
    .map((row) => ({
      section: 'departments',
      action: row.used ? 'deactivate' : 'remove',
      subject: row.name,
      old: { permissions: row.permissions },
      run: async () => {
        await tx
          .updateTable('people')
          .set({ department: null })
          .where('org_id', '=', orgId)
          .where('department', '=', row.name)
          .execute()
        if (row.used) {
          await tx
            .updateTable('departments')
            .set({ permissions: [] })
            .where('org_id', '=', orgId)
            .where('name', '=', row.name)
            .execute()
        } else {
          await tx
            .deleteFrom('departments')
            .where('org_id', '=', orgId)
            .where('name', '=', row.name)
            .execute()
        }
      },
    }))
}
