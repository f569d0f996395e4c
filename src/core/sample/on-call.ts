import { uuid } from '../../db/uuid.ts'
import type { Step } from '../policies/policy.ts'
import { savePolicy } from '../policies/save.ts'
import { saveLayers } from '../schedules/save.ts'
import type { Filled } from './fill.ts'

/** Each team's on-call engineers take weeks; nobody else has to be awake. */
const turns = { payments: ['ida', 'tess'], platform: ['ivo', 'tess'] }

/** A schedule and a policy for each team: the engineer on call, five minutes later the lead or manager, then the CTO. */
export async function fillOnCall({ tx, orgId, people, teams }: Filled): Promise<void> {
  for (const [team, users] of Object.entries(turns)) {
    const teamId = teams.get(team)!
    const scheduleId = uuid()
    await tx
      .insertInto('schedules')
      .values({ org_id: orgId, id: scheduleId, name: `${team}-primary`, team_id: teamId, time_zone: 'UTC' })
      .execute()
    const layer = { start: '2026-01-05', rotation: 'weekly', handoff: 'Mon 09:00' }
    await saveLayers(tx, orgId, scheduleId, [{ ...layer, people: users.map((user) => people.get(user)!.id) }])
    const rank = team === 'payments' ? 'team_lead' : 'manager'
    const channel = { type: 'channel', platform: 'console', channel: 'incidents' } as const
    const steps: Step[] = [
      { afterSeconds: 0, notify: [{ type: 'schedule', scheduleId }], actions: [] },
      { afterSeconds: 300, notify: [{ type: 'rank', rank, inTeam: true }], actions: [] },
      { afterSeconds: 300, notify: [{ type: 'rank', rank: 'cto', inTeam: false }, channel], actions: [] },
    ]
    await savePolicy(tx, orgId, {
      name: team,
      conditions: { teamId },
      steps,
      repeats: 1,
      nobody: channel,
      acknowledgedForSeconds: 3600,
    })
  }
}
