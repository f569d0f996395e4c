import { sql } from 'kysely'
import { z } from 'zod'
import { plain } from '../../core/labels.ts'
import type { Outcome } from '../../core/outcome.ts'
import { conflict, notFound } from '../../errors.ts'
import { defineOperation, type Scope } from '../define.ts'
import { answerPage } from './answer-pages.ts'

type Row = {
  key: string | null
  senderId: string | null
  sender: string | null
  body: string | null
  closedAt: Date | null
  closedBy: string | null
}

/** The button of a page that is about no incident; a page about one is acknowledged with the incident. */
export const acknowledgePage = defineOperation({
  name: 'acknowledge_page',
  summary: 'Say that you have seen a page that somebody sent you by hand.',
  input: z.strictObject({ page: z.uuid() }),
  permission: undefined,
  effect: 'write',
  undone: 'The page was not acknowledged',
  tool: false,
  run: async (scope, { page }) => {
    const found = await findPage(scope, page)
    if (!found) throw notFound('There is no such page for you.')
    if (found.key) {
      throw conflict(`The page was not acknowledged: it is about ${found.key}. Type ack ${found.key}.`, {
        incidentKey: found.key,
      })
    }
    if (found.closedAt) return said(`It is over already: ${found.closedBy ?? 'somebody'} has seen the page.`)
    await answerPage(scope, { id: page, ...found })
    await scope.audit({
      operation: 'acknowledge_page',
      subject: found.sender ?? undefined,
      label: ['view_audit'],
    })
    return said(`Acknowledged. ${found.sender ?? 'The sender'} is told that you have seen it.`)
  },
})

const said = (text: string): Outcome => ({ parts: [{ kind: 'sentence', label: plain, text }] })

/** Locked, and only if it paged the asker. */
async function findPage({ tx, orgId, actor }: Scope, page: string): Promise<Row | undefined> {
  const { rows } = await sql<Row>`
    select i.key, g.sender_id as "senderId", s.name as sender, g.body, g.closed_at as "closedAt",
      c.name as "closedBy"
    from pages g
    left join incidents i on i.org_id = g.org_id and i.id = g.incident_id
    left join people s on s.org_id = g.org_id and s.id = g.sender_id
    left join people c on c.org_id = g.org_id and c.id = g.closed_by
    where g.org_id = ${orgId} and g.id = ${page} and exists (select from deliveries d
      where d.org_id = g.org_id and d.page_id = g.id and d.person_id = ${actor.personId})
    for no key update of g`.execute(tx)
  return rows[0]
}
