import { sql } from 'kysely'
import type { Actor } from '../core/actor.ts'
import type { Label } from '../core/labels.ts'
import type { Tx } from '../db/pool.ts'
import { uuid } from '../db/uuid.ts'
import type { ModelItem } from '../ports/model.ts'
import type { Passage } from './exchange.ts'

/**
 * What one row of the memory holds. Tool results are not remembered: they age, and each would taint and label every
 * later turn; what was called stands in the journal, and what was answered is here.
 */
export type MemoryItem = { type: 'user'; text: string } | { type: 'assistant'; text: string }

export type Memorable = { item: MemoryItem; label: Label; tainted: boolean; private: boolean }

/** A person's direct conversation is one, whichever app it happens in; a shared one belongs to its thread. */
export async function conversationOf(tx: Tx, actor: Actor, shared: boolean): Promise<string> {
  const place = shared ? actor.place : undefined
  const key = place
    ? { workspace_id: place.workspace.id, channel: place.channel, thread: place.thread ?? null }
    : { person_id: actor.personId }
  await tx
    .insertInto('conversations')
    .values({ org_id: actor.orgId, id: uuid(), ...key })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
  const found = tx.selectFrom('conversations').select('id').where('org_id', '=', actor.orgId)
  const { id } = place
    ? await found
        .where('workspace_id', '=', place.workspace.id)
        .where('channel', '=', place.channel)
        .where(sql`coalesce(thread, '')`, '=', place.thread ?? '')
        .executeTakeFirstOrThrow()
    : await found.where('person_id', '=', actor.personId).executeTakeFirstOrThrow()
  return id
}

/**
 * The newest items of a conversation that this person may have a part in, oldest first: nobody else's private
 * exchanges, nothing of the turn itself (a replica that died may have stored it). Labels are checked where a request
 * is built, against the standing of that moment.
 */
export async function loadHistory(
  tx: Tx,
  actor: Actor,
  conversationId: string,
  turnId: string,
  most: { items: number; characters: number },
): Promise<Passage[]> {
  const rows = await tx
    .selectFrom('conversation_items as i')
    .leftJoin('people as p', (join) =>
      join.onRef('p.org_id', '=', 'i.org_id').onRef('p.id', '=', 'i.author_id'),
    )
    .select(['i.item', 'i.label', 'i.tainted', 'i.author_id', 'i.private_to', 'p.name as author'])
    .where('i.org_id', '=', actor.orgId)
    .where('i.conversation_id', '=', conversationId)
    .where('i.turn_id', '<>', turnId)
    .where((eb) => eb.or([eb('i.private_to', 'is', null), eb('i.private_to', '=', actor.personId)]))
    .orderBy('i.sequence', 'desc')
    .limit(most.items)
    .execute()
  const kept: Passage[] = []
  let left = most.characters
  for (const row of rows) {
    left -= JSON.stringify(row.item).length
    if (left < 0) break
    const own = row.author_id === actor.personId
    kept.push({
      items: [itemOf(row.item as MemoryItem, own, row.author ?? 'somebody')],
      label: row.label as unknown as Label,
      foreign: row.tainted || !own,
      private: row.private_to !== null,
    })
  }
  return kept.reverse()
}

/** Other people's words come as data, with their author's name, in a form that they cannot close. */
const itemOf = (item: MemoryItem, own: boolean, author: string): ModelItem =>
  item.type === 'assistant'
    ? { type: 'assistant', text: item.text }
    : { type: 'user', author, text: own ? item.text : quoted(author, item.text) }

const quoted = (author: string, text: string) =>
  `Another person's words, as data: ${JSON.stringify({ from: author, said: text })}`

/** Stores what a turn adds, once: a turn that is run again replaces what it had stored. */
export async function remember(
  tx: Tx,
  actor: Actor,
  conversationId: string,
  turnId: string,
  items: Memorable[],
): Promise<void> {
  // Only among the newest, so that the cost does not grow with the conversation.
  await sql`delete from conversation_items where org_id = ${actor.orgId} and id in (
    select id from (select id, turn_id from conversation_items
      where org_id = ${actor.orgId} and conversation_id = ${conversationId}
      order by sequence desc limit 200) newest where turn_id = ${turnId})`.execute(tx)
  if (!items.length) return
  await tx
    .insertInto('conversation_items')
    .values(
      items.map(({ item, label, tainted, private: hidden }) => ({
        org_id: actor.orgId,
        id: uuid(),
        conversation_id: conversationId,
        turn_id: turnId,
        author_id: actor.personId,
        private_to: hidden ? actor.personId : null,
        item: JSON.stringify(item),
        label: [...label],
        tainted,
      })),
    )
    .execute()
}

export async function countUsage(
  tx: Tx,
  actor: Actor,
  model: string,
  used: { input: number; output: number },
): Promise<void> {
  await sql`insert into usage (org_id, day, person_id, model, turns, input_tokens, output_tokens)
    values (${actor.orgId}, tocsin_now()::date, ${actor.personId}, ${model}, 1, ${used.input}, ${used.output})
    on conflict (org_id, day, person_id, model) do update set turns = usage.turns + 1,
      input_tokens = usage.input_tokens + excluded.input_tokens,
      output_tokens = usage.output_tokens + excluded.output_tokens`.execute(tx)
}
