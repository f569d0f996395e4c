import { sql } from 'kysely'
import { defaultDepartments } from '../permissions.ts'
import { difference, type Planning, type Step } from './step.ts'

export async function planCategories({ tx, orgId, file }: Planning): Promise<Step[]> {
  const rows = await tx
    .selectFrom('categories')
    .select([
      'name',
      'department',
      sql<boolean>`exists (select from incidents i
        where i.org_id = categories.org_id and i.category = categories.name)
        or exists (select from policies p where p.org_id = categories.org_id and p.category = categories.name
          and not (p.from_file and lower(p.name) = any(${filePolicies(file)})))`.as('used'),
    ])
    .where('org_id', '=', orgId)
    .execute()
  const departments = await tx.selectFrom('departments').select('name').where('org_id', '=', orgId).execute()
  const spelt = new Map([...file.departments, ...departments].map(({ name }) => [name.toLowerCase(), name]))
  const steps: Step[] = []
  for (const category of file.categories) {
    const stored = rows.find((row) => row.name.toLowerCase() === category.name.toLowerCase())
    const name = stored?.name ?? category.name
    const wanted = { department: spelt.get(category.department.toLowerCase())! }
    const changed = difference(stored ?? {}, wanted)
    if (!changed) continue
    steps.push({
      section: 'categories',
      action: stored ? 'change' : 'add',
      subject: name,
      ...(stored ? changed : { new: wanted }),
      run: () =>
        tx
          .insertInto('categories')
          .values({ org_id: orgId, name, ...wanted })
          .onConflict((oc) => oc.columns(['org_id', 'name']).doUpdateSet(wanted))
          .execute(),
    })
  }
  const kept = new Set(file.categories.map((category) => category.name.toLowerCase()))
  const staying = new Set([...defaultDepartments, ...file.departments].map(({ name }) => name.toLowerCase()))
  for (const row of rows) {
    if (kept.has(row.name.toLowerCase())) continue
    // One that incidents or policies name stays for them; its department may be going, so it goes to IT.
    const homeless = !staying.has(row.department.toLowerCase())
    if (row.used && !homeless) continue
    steps.push({
      section: 'categories',
      action: row.used ? 'change' : 'remove',
      subject: row.name,
      old: { department: row.department },
      ...(row.used ? { new: { department: 'IT' } } : {}),
      run: async () => {
        if (row.used) {
          await tx
            .updateTable('categories')
            .set({ department: 'IT' })
            .where('org_id', '=', orgId)
            .where('name', '=', row.name)
            .execute()
        } else {
          // Policies of the file name another one from now on, and are saved later.
          await tx
            .updateTable('policies')
            .set({ category: null })
            .where('org_id', '=', orgId)
            .where('category', '=', row.name)
            .execute()
          await tx.deleteFrom('categories').where('org_id', '=', orgId).where('name', '=', row.name).execute()
        }
      },
    })
  }
  return steps
}

/** These are saved anew: what they name now does not count. */
export const filePolicies = (file: Planning['file']): string[] =>
  file.policies.map(({ name }) => name.toLowerCase())
