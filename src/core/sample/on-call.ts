import { uuid } from '../../db/uuid.ts'
import type { Step, Target } from '../policies/policy.ts'
import { savePolicy } from '../policies/save.ts'
import { saveLayers } from '../schedules/save.ts'
import type { Filled } from './fill.ts'

/** The on-call engineers take weeks, and never have both teams at once; leads and managers follow when they do not answer. */
const turns = { payments: ['ida', 'ivo'], platform: ['ivo', 'ida'] }

/** A schedule and a policy for each team: the engineer on call, five minutes later the lead or manager, then whoever is above. */
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
    const payments = team === 'payments'
    const channel = { type: 'channel', platform: 'console', channel: 'incidents' } as const
    const lead: Target = { type: 'rank', rank: payments ? 'team_lead' : 'manager', inTeam: true }
    const above: Target = { type: 'rank', rank: payments ? 'manager' : 'cto', inTeam: payments }
    const steps: Step[] = [
      { afterSeconds: 0, notify: [{ type: 'schedule', scheduleId }], actions: [] },
      { afterSeconds: 300, notify: [lead], actions: [] },
      { afterSeconds: 300, notify: [above, channel], actions: [] },
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
