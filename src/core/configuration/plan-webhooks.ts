import { uuid } from '../../db/uuid.ts'
import { unavailable } from '../../errors.ts'
import { livePolicies } from '../policies/load.ts'
import type { Policy } from '../policies/policy.ts'
import { difference, type Planning, type Step } from './step.ts'

type Stored = { id: string; name: string; url: string; events: string[]; secret_digest: Buffer }

/**
 * Webhooks of the file. Their secrets are stored sealed and shown nowhere, nor is more of an address than its host,
 * since paths hold tokens; of what changed unseen it is said that it did.
 */
export async function planWebhooks(planning: Planning): Promise<Step[]> {
  const { tx, orgId, file, sealing } = planning
  if (file.webhooks.length && !sealing) {
    throw unavailable('Nothing was applied: the secrets of webhooks cannot be encrypted here.')
  }
  const stored: Stored[] = await tx
    .selectFrom('webhooks')
    .select(['id', 'name', 'url', 'events', 'secret_digest'])
    .where('org_id', '=', orgId)
    .execute()
  const steps: Step[] = []
  for (const { name, url, secret, events } of file.webhooks) {
    const before = stored.find((row) => sameName(row, name))
    const digest = sealing!.digest(secret)
    const seen = difference(before ? shown(before) : {}, shown({ name, url, events }))
    const unseen = before && {
      ...(before.url !== url && !seen?.new.url && { url: 'changed' }),
      ...(!before.secret_digest.equals(digest) && { secret: 'changed' }),
    }
    if (unseen && !seen && !Object.keys(unseen).length) continue
    const columns = { name, url, events, secret: sealing!.seal(secret), secret_digest: digest }
    steps.push({
      section: 'webhooks',
      action: before ? 'change' : 'add',
      subject: name,
      ...(before && { old: seen?.old ?? {} }),
      new: { ...seen?.new, ...unseen },
      run: () =>
        before
          ? tx
              .updateTable('webhooks')
              .set(columns)
              .where('org_id', '=', orgId)
              .where('id', '=', before.id)
              .execute()
          : tx
              .insertInto('webhooks')
              .values({ org_id: orgId, id: uuid(), ...columns })
              .execute(),
    })
  }
  return [...steps, ...(await former(planning, stored))]
}

const sameName = (row: { name: string }, name: string): boolean =>
  row.name.toLowerCase() === name.toLowerCase()

const shown = ({ name, url, events }: Pick<Stored, 'name' | 'url' | 'events'>) => ({
  name,
  url: new URL(url).origin,
  events: events.toSorted(),
})

/**
 * One that the file no longer has is removed. While a policy that people made pages it, it stays for that alone and
 * hears of no events any more.
 */
async function former({ tx, orgId, file }: Planning, stored: Stored[]): Promise<Step[]> {
  const gone = stored.filter((row) => !file.webhooks.some(({ name }) => sameName(row, name)))
  if (!gone.length) return []
  // The file's own policies name webhooks of the file alone.
  const policies = (await livePolicies(tx, orgId)).filter(
    (policy) => !file.policies.some(({ name }) => sameName(policy, name)),
  )
  return gone.flatMap(({ id, name, events }): Step[] => {
    const users = policies.filter((policy) => pages(policy, id)).map((policy) => policy.name)
    if (!users.length) {
      const run = () => tx.deleteFrom('webhooks').where('org_id', '=', orgId).where('id', '=', id).execute()
      return [{ section: 'webhooks', action: 'remove', subject: name, run }]
    }
    if (!events.length) return []
    return [
      {
        section: 'webhooks',
        action: 'release',
        subject: name,
        old: { events },
        new: { events: [], 'still paged by': users },
        run: () =>
          tx
            .updateTable('webhooks')
            .set({ events: [] })
            .where('org_id', '=', orgId)
            .where('id', '=', id)
            .execute(),
      },
    ]
  })
}

const pages = ({ steps, nobody }: Policy, webhookId: string): boolean =>
  [...steps.flatMap(({ notify }) => notify), ...(nobody ? [nobody] : [])].some(
    (target) => target.type === 'webhook' && target.webhookId === webhookId,
  )
