import { sql } from 'kysely'
import type { Tx } from '../../db/pool.ts'
import { people, titleOf } from './cast.ts'
import * as catalogue from './catalogue.ts'

/** Whom one can be in the console: its accounts that are active people, the sample's in the sample's order. */
export async function consolePeople(
  tx: Tx,
  orgId: string,
  workspaceId: string,
): Promise<{ user: string; name: string; title: string }[]> {
  const rows = await tx
    .selectFrom('identities')
    .innerJoin('people', (join) =>
      join.onRef('people.org_id', '=', 'identities.org_id').onRef('people.id', '=', 'identities.person_id'),
    )
    .select(['identities.external_id', 'people.name', 'people.department', 'people.rank', 'people.admin'])
    .where('identities.org_id', '=', orgId)
    .where('identities.workspace_id', '=', workspaceId)
    .where('identities.kind', '=', 'member')
    .orderBy('people.name')
    .execute()
  const place = (user: string) => {
    const index = people.findIndex((person) => person.user === user)
    return index < 0 ? people.length : index
  }
  return rows
    .toSorted((a, b) => place(a.external_id) - place(b.external_id))
    .map((row) => ({ user: row.external_id, name: row.name, title: titleOf(row) }))
}

/** The console's channels, in the sample's order. */
export async function consoleChannels(tx: Tx, orgId: string): Promise<{ channel: string; name: string }[]> {
  const rows = await tx
    .selectFrom('channels')
    .select(['channel', 'name'])
    .where('org_id', '=', orgId)
    .where('platform', '=', 'console')
    .execute()
  const place = (channel: string) => {
    const index = catalogue.channels.findIndex((row) => row.channel === channel)
    return index < 0 ? catalogue.channels.length : index
  }
  return rows
    .toSorted((a, b) => place(a.channel) - place(b.channel))
    .map(({ channel, name }) => ({ channel, name: name ?? channel }))
}

/**
 * Gives every active person without one an account in the console, and the console a channel for everything and one
 * where incidents are announced, so that a configuration of one's own can be tried before a workspace has it.
 */
export async function openConsole(tx: Tx, orgId: string, workspaceId: string): Promise<void> {
  const { rows } = await sql<{ id: string; name: string }>`
    select id, name from people p where org_id = ${orgId} and active and not exists (
      select from identities i where i.org_id = p.org_id and i.workspace_id = ${workspaceId} and i.person_id = p.id)
    order by name`.execute(tx)
  if (rows.length) {
    await tx
      .insertInto('identities')
      .values(
        rows.map(({ id, name }) => ({
          org_id: orgId,
          workspace_id: workspaceId,
          external_id: `${slug(name)}-${id.slice(-4)}`,
          person_id: id,
          name,
          email: null,
          kind: 'member' as const,
        })),
      )
      .onConflict((oc) => oc.doNothing())
      .execute()
  }
  await sql`insert into channels (org_id, platform, channel, name, announces)
    select ${orgId}, 'console', * from unnest(
      ${['general', 'incidents']}::text[], ${['#general', '#incidents']}::text[], ${[false, true]}::boolean[])
    where not exists (select from channels where org_id = ${orgId} and platform = 'console')`.execute(tx)
}

const slug = (name: string) =>
  name
    .normalize('NFKD')
    .replaceAll(/[^a-zA-Z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '')
    .toLowerCase() || 'person'
