import { sql } from 'kysely'
import { z } from 'zod'
import { line } from '../../core/clean-text.ts'
import { notFound } from '../../errors.ts'
import { defineOperation } from '../define.ts'
import { incidentKey } from '../perform.ts'
import { alreadySo, changeAndTell, firstDoer } from './change.ts'
import { allAs } from './verb-parts.ts'

export const setCategory = defineOperation({
  name: 'set_category',
  summary: 'Say what kind of incident it is; a category brings its department.',
  input: z.strictObject({ incident: incidentKey, category: line(100) }),
  subject: 'incident',
  permission: 'update_status',
  effect: 'write',
  undone: "KEY's category was not changed",
  button: 'Set category',
  verb: { words: ['category'], usage: 'category [INC] <category>', parse: allAs('category') },
  run: async (scope, { category }) => {
    const { tx, orgId, incident } = scope
    const all = await tx
      .selectFrom('categories')
      .select(['name', 'department', sql<boolean>`lower(name) = lower(${category})`.as('chosen')])
      .where('org_id', '=', orgId)
      .orderBy('name')
      .execute()
    const chosen = all.find((row) => row.chosen)
    if (!chosen) {
      const known = all.map((row) => row.name).join(', ') || 'none yet'
      throw notFound(`There is no category ${category}. Known: ${known}.`, { incidentKey: incident.key })
    }
    if (incident.category === chosen.name) {
      return alreadySo(incident, 'category', {
        ...(await firstDoer(scope, ['set_category'])),
        to: chosen.name,
      })
    }
    return changeAndTell(scope, {
      operation: 'set_category',
      change: 'category',
      columns: { category: chosen.name, department: chosen.department },
      old: { category: incident.category ?? undefined, department: incident.department ?? undefined },
      new: { category: chosen.name, department: chosen.department },
      from: incident.category ?? undefined,
      to: chosen.name,
    })
  },
})
