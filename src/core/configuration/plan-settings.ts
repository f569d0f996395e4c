import { canonical, difference, type Planning, type Step } from './step.ts'

/** The organisation's name and currency, and everything that lives in its settings. */
export async function planSettings({ tx, orgId, file, personIds }: Planning): Promise<Step[]> {
  const row = await tx
    .selectFrom('organizations')
    .select(['name', 'currency', 'settings'])
    .where('org_id', '=', orgId)
    .executeTakeFirstOrThrow()
  const stored = row.settings
  const steps: Step[] = []
  const patch = (key: string, value: unknown) => async () => {
    const { settings } = await tx
      .selectFrom('organizations')
      .select('settings')
      .where('org_id', '=', orgId)
      .forUpdate()
      .executeTakeFirstOrThrow()
    const changed = { ...settings, [key]: value }
    if (value === undefined) delete changed[key]
    await tx
      .updateTable('organizations')
      .set({ settings: JSON.stringify(changed) })
      .where('org_id', '=', orgId)
      .execute()
  }
  const columns = {
    ...(file.organization && { name: file.organization }),
    ...(file.currency && { currency: file.currency }),
  }
  const renamed = difference(row, columns)
  if (renamed) {
    steps.push({
      section: 'organization',
      action: 'change',
      subject: file.organization ?? row.name,
      ...renamed,
      run: () => tx.updateTable('organizations').set(columns).where('org_id', '=', orgId).execute(),
    })
  }
  const setting = (key: string, value: unknown, shown: (value: unknown) => unknown = (same) => same) => {
    if (canonical(stored[key]) === canonical(value)) return
    steps.push({
      section: 'settings',
      action: value === undefined ? 'remove' : 'change',
      subject: key,
      old: { [key]: shown(stored[key]) ?? null },
      new: { [key]: shown(value) ?? null },
      run: patch(key, value),
    })
  }
  setting('email_domains', some(file.email_domains))
  setting('spending_limit', file.spending_limit)
  setting('group_roles', some(file.group_roles), count)
  setting('incident_channels', file.incident_channels?.when)
  setting('identities', identities(file, personIds), count)
  steps.push(...planLater(stored.later, file.later, patch))
  return steps
}

const some = <T>(rows: T[]): T[] | undefined => (rows.length ? rows : undefined)
const count = (value: unknown) => (value ? Object.keys(value).length : 0)

function identities(file: Planning['file'], personIds: string[]): Record<string, string> | undefined {
  const named = file.people.flatMap(({ on = {} }, index) =>
    Object.entries(on).map(([platform, user]) => [`${platform}:${user}`, personIds[index]!] as const),
  )
  return named.length ? Object.fromEntries(named) : undefined
}

/** One line a section, so that nothing of the file is passed over in silence. Their contents stay out of the audit. */
function planLater(
  stored: unknown,
  wanted: Record<string, unknown>,
  patch: (key: string, value: unknown) => () => Promise<void>,
): Step[] {
  const before = (stored ?? {}) as Record<string, unknown>
  const sections = [...new Set([...Object.keys(before), ...Object.keys(wanted)])].filter(
    (section) => canonical(before[section]) !== canonical(wanted[section]),
  )
  const run = patch('later', Object.keys(wanted).length ? wanted : undefined)
  return sections.map((section) => ({
    section: section === 'services' ? 'connectors of services' : section,
    action: wanted[section] === undefined ? 'remove' : 'keep for later',
    subject: section === 'services' ? 'logs, checks and restart' : section,
    run,
  }))
}
