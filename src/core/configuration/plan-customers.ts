import { sql } from 'kysely'
import { uuid } from '../../db/uuid.ts'
import { difference, type Planning, type Step } from './step.ts'

export async function planCustomers({ tx, orgId, file, serviceIds }: Planning): Promise<Step[]> {
  const rows = await tx
    .selectFrom('customers')
    .selectAll()
    .select(
      sql<string[]>`array(select service_id from customer_services s
        where s.org_id = customers.org_id and s.customer_id = customers.id order by 1)`.as('services'),
    )
    .where('org_id', '=', orgId)
    .execute()
  const steps: Step[] = []
  for (const customer of file.customers) {
    const stored = rows.find((row) => row.name.toLowerCase() === customer.name.toLowerCase())
    const id = stored?.id ?? uuid()
    const columns = {
      name: customer.name,
      contact: customer.contact ?? null,
      sla: customer.sla ?? null,
      active: true,
      from_file: true,
    }
    const services = [...new Set(customer.services.map((name) => serviceIds.get(name.toLowerCase())!))].sort()
    const changed = difference(stored ?? {}, { ...columns, services })
    if (!changed) continue
    const row = { ...columns, sla: columns.sla && JSON.stringify(columns.sla) }
    steps.push({
      section: 'customers',
      action: stored ? 'change' : 'add',
      subject: customer.name,
      ...(stored && { old: withoutServices(changed.old) }),
      new: {
        ...withoutServices(changed.new),
        ...('services' in changed.new && { services: customer.services }),
      },
      run: async () => {
        await (stored
          ? tx.updateTable('customers').set(row).where('org_id', '=', orgId).where('id', '=', id).execute()
          : tx
              .insertInto('customers')
              .values({ org_id: orgId, id, ...row })
              .execute())
        await tx
          .deleteFrom('customer_services')
          .where('org_id', '=', orgId)
          .where('customer_id', '=', id)
          .execute()
        if (!services.length) return
        const uses = services.map((service_id) => ({ org_id: orgId, customer_id: id, service_id }))
        await tx.insertInto('customer_services').values(uses).execute()
      },
    })
  }
  const kept = new Set(file.customers.map((customer) => customer.name.toLowerCase()))
  for (const row of rows) {
    if (!row.from_file || !row.active || kept.has(row.name.toLowerCase())) continue
    steps.push({
      section: 'customers',
      action: 'deactivate',
      subject: row.name,
      run: () =>
        tx
          .updateTable('customers')
          .set({ active: false })
          .where('org_id', '=', orgId)
          .where('id', '=', row.id)
          .execute(),
    })
  }
  return steps
}

const withoutServices = ({ services: _, ...rest }: Record<string, unknown>) => rest
