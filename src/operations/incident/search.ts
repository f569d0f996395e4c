import { sql } from 'kysely'
import { z } from 'zod'
import { line } from '../../core/clean-text.ts'
import { listIncidents } from '../../core/incident-list.ts'
import { statuses } from '../../core/incidents.ts'
import { defineOperation } from '../define.ts'
import { allAs } from './verb-parts.ts'

const most = 20

export const search = defineOperation({
  name: 'search_incidents',
  summary: 'Find incidents by words in their title or description, closed ones too.',
  input: z.strictObject({ text: line(200) }),
  permission: 'view_incident',
  effect: 'read',
  undone: 'Nothing is searched',
  verb: { words: ['search'], aliases: ['find'], usage: 'search <words>', parse: allAs('text') },
  run: async ({ tx, orgId, actor, standing }, { text }) => {
    // Some hits may be private ones of others: look for more than are shown.
    const { rows } = await sql<{ id: string }>`select id from search_incidents(${text}, ${most * 3})`.execute(
      tx,
    )
    const reader = { personId: actor.personId, seesPrivate: standing.holdings.has('access_private') }
    const filter = { statuses: [...statuses], among: rows.map((row) => row.id), most }
    return { parts: await listIncidents(tx, orgId, reader, filter, `Incidents with “${text}”`) }
  },
})
