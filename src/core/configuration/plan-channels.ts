import { platforms } from '../../ports/platform.ts'
import type { Configuration } from './schema.ts'
import { difference, type Planning, type Step } from './step.ts'

type Wanted = { team_id: string | null; announces: boolean; clearance: string[]; from_file: boolean }
type Place = Partial<Record<(typeof platforms)[number], string | undefined>>

/** `incident_channel`, `teams[].channel` and `channels` say three things of channels; one row a channel holds them. */
export async function planChannels({ tx, orgId, file, teamIds }: Planning): Promise<Step[]> {
  const rows = await tx.selectFrom('channels').selectAll().where('org_id', '=', orgId).execute()
  const wanted = wantedChannels(file, teamIds)
  const steps: Step[] = []
  for (const [key, values] of wanted) {
    const [platform, channel] = split(key)
    const stored = rows.find((row) => row.platform === platform && row.channel === channel)
    const changed = difference(stored ? { ...stored, clearance: [...stored.clearance].sort() } : {}, values)
    if (!changed) continue
    steps.push({
      section: 'channels',
      action: stored ? 'change' : 'add',
      subject: `${platform} ${stored?.name ?? channel}`,
      ...(stored && { old: named(changed.old, teamIds) }),
      new: named(changed.new, teamIds),
      run: () =>
        tx
          .insertInto('channels')
          .values({ org_id: orgId, platform, channel, name: null, ...values })
          .onConflict((oc) => oc.columns(['org_id', 'platform', 'channel']).doUpdateSet(values))
          .execute(),
    })
  }
  for (const row of rows) {
    if (!row.from_file || wanted.has(`${row.platform} ${row.channel}`)) continue
    // What the platform told of it (its name, who shares it) stays known.
    steps.push({
      section: 'channels',
      action: 'release',
      subject: `${row.platform} ${row.name ?? row.channel}`,
      run: () =>
        tx
          .updateTable('channels')
          .set({ team_id: null, announces: false, clearance: [], from_file: false })
          .where('org_id', '=', orgId)
          .where('platform', '=', row.platform)
          .where('channel', '=', row.channel)
          .execute(),
    })
  }
  return steps
}

function wantedChannels(file: Configuration, teamIds: Map<string, string>): Map<string, Wanted> {
  const wanted = new Map<string, Wanted>()
  const set = (place: Place | undefined, values: Partial<Wanted>) => {
    for (const platform of platforms) {
      const channel = place?.[platform]
      if (!channel) continue
      const key = `${platform} ${channel}`
      const before = wanted.get(key) ?? { team_id: null, announces: false, clearance: [], from_file: true }
      wanted.set(key, { ...before, ...values })
    }
  }
  set(file.incident_channel, { announces: true })
  for (const { name, channel } of file.teams) set(channel, { team_id: teamIds.get(name.toLowerCase())! })
  for (const { clearance, ...place } of file.channels)
    set(place, { clearance: [...new Set(clearance)].sort() })
  return wanted
}

const split = (key: string) => {
  const at = key.indexOf(' ')
  return [key.slice(0, at) as (typeof platforms)[number], key.slice(at + 1)] as const
}

function named({ team_id, from_file: _, ...values }: Record<string, unknown>, teamIds: Map<string, string>) {
  if (team_id === undefined) return values
  const team = [...teamIds].find(([, id]) => id === team_id)?.[0] ?? null
  return { ...values, team }
}
