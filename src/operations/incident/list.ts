import { z } from 'zod'
import { line } from '../../core/clean-text.ts'
import { type IncidentFilter, listIncidents } from '../../core/incident-list.ts'
import { priorities, statuses } from '../../core/incidents.ts'
import { parseStatus } from '../../core/lifecycle.ts'
import { resolveTeam } from '../../core/people.ts'
import type { IncidentStatus } from '../../db/schema.ts'
import { defineOperation } from '../define.ts'

const most = 20
const scopes = ['open', 'mine', 'resolved', 'closed', 'cancelled', 'all'] as const

const statusesOf: Record<(typeof scopes)[number], IncidentStatus[]> = {
  open: ['OPEN', 'IN_PROGRESS'],
  mine: ['OPEN', 'IN_PROGRESS', 'RESOLVED'],
  resolved: ['RESOLVED'],
  closed: ['CLOSED'],
  cancelled: ['CANCELLED'],
  all: [...statuses],
}

export const list = defineOperation({
  name: 'list_incidents',
  summary: 'List incidents: the open ones, or by owner, priority, team or status.',
  input: z.strictObject({
    scope: z.enum(scopes).optional(),
    priority: z.enum(priorities).optional(),
    team: line(100).optional(),
    status: z.enum(statuses).optional(),
  }),
  permission: 'view_incident',
  effect: 'read',
  undone: 'Nothing is listed',
  verb: {
    words: ['list'],
    aliases: ['ls', 'incidents'],
    usage: 'list [mine|open|resolved|closed|P1|team <team>]',
    parse: parseFilters,
  },
  run: async ({ tx, orgId, actor, standing }, { scope, priority, team, status }) => {
    const chosenTeam = team ? await resolveTeam(tx, orgId, team) : undefined
    const filter: IncidentFilter = {
      statuses: status ? [status] : statusesOf[scope ?? 'open'],
      priority,
      teamId: chosenTeam?.id,
      assigneeId: scope === 'mine' ? actor.personId : undefined,
      most,
    }
    const words = [
      scope === 'mine' ? 'your' : (status ?? (scope && scope !== 'all' ? scope : scope ? 'all' : 'open')),
      priority,
      'incidents',
      chosenTeam && `of ${chosenTeam.name}`,
    ]
    const title = words.filter(Boolean).join(' ')
    const reader = { personId: actor.personId, seesPrivate: standing.holdings.has('access_private') }
    return { parts: await listIncidents(tx, orgId, reader, filter, capital(title)) }
  },
})

const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1)

/** Filters in any order; a word that is none makes it a plain sentence. */
function parseFilters(rest: string): Record<string, unknown> | undefined {
  const found: Record<string, unknown> = {}
  const words = rest.split(/\s+/).filter(Boolean)
  while (words.length) {
    const word = words.shift()!
    const lower = word.toLowerCase()
    if (lower === 'team') {
      if (!words.length) return undefined
      found.team = words.splice(0).join(' ')
    } else if (/^p[1-5]$/.test(lower)) found.priority = word.toUpperCase()
    else if ((scopes as readonly string[]).includes(lower)) found.scope = lower
    else if (parseStatus(word)) found.status = parseStatus(word)
    else return undefined
  }
  return found
}
