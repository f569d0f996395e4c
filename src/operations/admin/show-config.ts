import { sql } from 'kysely'
import { z } from 'zod'
import { toSettings } from '../../core/configuration/settings.ts'
import type { Label } from '../../core/labels.ts'
import type { Part } from '../../core/outcome.ts'
import { defineOperation } from '../define.ts'

const label: Label = ['manage_integrations']

type Row = {
  name: string
  currency: string
  settings: unknown
  workspaces: { platform: string; name: string; external_id: string }[]
  people: number
  placed_by_file: number
  teams: number
  services: number
  customers: number
  departments: string[]
}

export const showConfig = defineOperation({
  name: 'show_config',
  summary: 'Show how this organisation is set up. Secrets are never shown.',
  input: z.object({}),
  permission: 'manage_integrations',
  effect: 'read',
  undone: 'The configuration is not shown',
  tool: false,
  verb: { words: ['config'], usage: 'config', parse: (rest) => (rest.trim() ? undefined : {}) },
  run: async ({ tx, orgId }) => {
    const { rows } = await sql<Row>`
      select o.name, o.currency, o.settings,
        coalesce((select json_agg(json_build_object('platform', platform, 'name', name, 'external_id', external_id)
          order by platform, name) from workspaces w where w.org_id = o.org_id
          and w.platform in ('slack', 'teams', 'console')), '[]') as workspaces,
        (select count(*)::integer from people where org_id = o.org_id and active) as people,
        (select count(*)::integer from people where org_id = o.org_id and file_fields <> '{}') as placed_by_file,
        (select count(*)::integer from teams where org_id = o.org_id) as teams,
        (select count(*)::integer from services where org_id = o.org_id and active) as services,
        (select count(*)::integer from customers where org_id = o.org_id and active) as customers,
        array(select name from departments where org_id = o.org_id order by name) as departments
      from organizations o where o.org_id = ${orgId}`.execute(tx)
    const row = rows[0]!
    const settings = toSettings(row.settings)
    const waiting = Object.keys(settings.later)
    const facts = [
      { name: 'Organisation', value: row.name },
      { name: 'Currency', value: row.currency },
      { name: 'Trusted e-mail domains', value: settings.emailDomains.join(', ') || 'none' },
      {
        name: 'Spending limit',
        value: `${settings.spendingLimit.toLocaleString('en-US', { minimumFractionDigits: 2 })} ${row.currency}`,
      },
      { name: 'Incident channels', value: settings.incidentChannels },
      { name: 'Departments', value: row.departments.join(', ') },
      { name: 'People', value: `${row.people} active, ${row.placed_by_file} set by the file` },
      { name: 'Teams', value: String(row.teams) },
      { name: 'Services', value: String(row.services) },
      { name: 'Customers', value: String(row.customers) },
      { name: 'Group roles', value: String(settings.groupRoles.length) },
      ...(waiting.length ? [{ name: 'Kept for later', value: waiting.join(', ') }] : []),
    ]
    const parts: Part[] = [{ kind: 'facts', label, title: 'Configuration', facts }]
    parts.push(
      row.workspaces.length
        ? {
            kind: 'lines',
            label,
            title: 'Workspaces',
            lines: row.workspaces.map(
              (workspace) => `${workspace.platform} · ${workspace.name} (${workspace.external_id})`,
            ),
          }
        : { kind: 'sentence', label, text: 'No workspace is connected.' },
    )
    return { parts }
  },
})
