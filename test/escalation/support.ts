import { voices } from '../stories/speak.ts'
import { exampleCorp, startTocsin, type Tocsin } from '../support/app.ts'

/** Ida is on call; after five minutes her lead, after five more the manager, and a channel that calls all three. */
export const climbing = `${exampleCorp}
schedules:
  - name: payments-primary
    team: payments
    time_zone: Europe/London
    layers:
      - { start: 2026-01-05, rotation: weekly, handoff: "Mon 09:00", people: [ida@example.com] }
policies:
  - name: payments
    when: { team: payments }
    steps:
      - { after: 0s, notify: [{ schedule: payments-primary }] }
      - { after: 5m, notify: [{ rank: team_lead, in: team }] }
      - { after: 5m, notify: [{ rank: manager, in: team }, { person: ida@example.com }, { channel: { slack: C0WAR } }] }
    repeat: 1
    nobody: { channel: { slack: C0INCIDENTS } }
    acknowledged_for: 30m
`

export type Climb = Tocsin & ReturnType<typeof voices>

/** Everybody who may be paged has spoken to the bot once, so that it knows their account. */
export async function startClimb(configuration = climbing, env: Record<string, string> = {}): Promise<Climb> {
  const tocsin = await startTocsin({ configuration, env })
  const speak = voices(() => tocsin)
  for (const user of ['UIDA', 'ULENA', 'UMAYA', 'UADA', 'UOLGA']) await speak.ask(user, 'whoami')
  await tocsin.sql("update clock set shift = '2026-03-02T12:00:00Z'::timestamptz - now()")
  return { ...tocsin, ...speak }
}
