/** The whole product with both platforms, for a story that happens in Teams. */
import { exampleCorp, startTocsin } from '../support/app.ts'
import { startTeamsStandIn } from '../support/teams-stand-in.ts'

/** AAD object ids. */
export const ida = '1da00000-0000-4000-8000-000000000001'
export const vic = '71c00000-0000-4000-8000-000000000002'
export const finn = 'f1110000-0000-4000-8000-000000000003'
export const gus = '90500000-0000-4000-8000-000000000004'

export const incidents = '19:incidents@thread.tacv2'

export const configuration = exampleCorp.replace(
  'incident_channel: { slack: C0INCIDENTS }',
  `incident_channel: { slack: C0INCIDENTS, teams: "${incidents}" }`,
)

export type World = Awaited<ReturnType<typeof startTeamsWorld>>

export const startTeamsWorld = async (env: Record<string, string> = {}, corp = configuration) => {
  const teams = await startTeamsStandIn()
  teams.addUser({ id: ida, name: 'Ida Torres', email: 'ida@example.com' })
  teams.addUser({ id: vic, name: 'Vic Viewer', email: 'vic@example.com' })
  teams.addUser({ id: finn, name: 'Finn Weber', email: 'finn@example.com' })
  teams.addUser({ id: gus, name: 'Gus Guest', email: 'gus@elsewhere.example', userRole: 'guest' })
  const tocsin = await startTocsin({ configuration: corp, env: { ...teams.env(), ...env } })
  teams.connect(tocsin.url)
  /** How many things came in from Teams and were kept. */
  const stored = async (): Promise<number> => {
    const [row] = await tocsin.sql<{ count: number }>(
      "select count(*)::int from inbox join workspaces w on w.id = workspace_id where w.platform = 'teams'",
    )
    return row!.count
  }
  const incident = async (key = 'INC-001') => {
    const [row] = await tocsin.sql<{ status: string; version: number; priority: string }>(
      'select status, version, priority from incidents where key = $1',
      [key],
    )
    return row
  }
  return {
    teams,
    tocsin,
    stored,
    incident,
    close: async () => {
      await tocsin.stop()
      await teams.close()
    },
  }
}
