import type { Tx } from '../../db/pool.ts'
import type { Card, Text } from '../../messages/card.ts'

/** The people whom the card calls; everybody else in it is shown by name alone. */
export function calledIn(card: Card): string[] {
  const texts = card.blocks.flatMap((block): Text[] => {
    switch (block.type) {
      case 'heading':
      case 'text':
      case 'context':
        return [block.text]
      case 'facts':
        return block.facts.map((fact) => fact.value)
      case 'lines':
        return block.lines
      default:
        return []
    }
  })
  const spans = texts.flatMap((text) => (typeof text === 'string' ? [] : text))
  return [
    ...new Set(
      spans.flatMap((span) =>
        typeof span !== 'string' && span.type === 'person' && span.ping ? [span.id] : [],
      ),
    ),
  ]
}

/** The user of each person in that workspace, the one seen last where there are several. */
export async function mentionsFor(
  tx: Tx,
  orgId: string,
  workspaceId: string,
  personIds: string[],
): Promise<Record<string, string>> {
  if (!personIds.length) return {}
  const rows = await tx
    .selectFrom('identities')
    .select(['person_id', 'external_id'])
    .where('org_id', '=', orgId)
    .where('workspace_id', '=', workspaceId)
    .where('person_id', 'in', personIds)
    .orderBy('checked_at')
    .execute()
  return Object.fromEntries(rows.map((row) => [row.person_id!, row.external_id]))
}
