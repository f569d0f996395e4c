import type { Tx } from '../../db/pool.ts'
import { people, titleOf } from './cast.ts'
import * as catalogue from './catalogue.ts'

/** Whom one can be in the console: its accounts that are active people, the sample's in the sample's order. */
export async function samplePeople(
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
export async function sampleChannels(tx: Tx, orgId: string): Promise<{ channel: string; name: string }[]> {
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
