import pg from 'pg'
import type { Organization } from '../support/organization.ts'

/** An open incident that waits to be acknowledged, and the command that asks for it. */
export type Waiting = { incident: string; number: number; key: string; inbox: string; card: string }

/** Numbers that occur nowhere else among the parameters, so that a replay can tell them apart. */
const firstNumber = 700_001

/** Each has its card in the incident channel, as a declared one has, and its command's row in the inbox. */
export async function declareMany(
  url: string,
  { orgId, workspace }: Organization,
  count: number,
): Promise<Waiting[]> {
  const owner = new pg.Client({ connectionString: url })
  await owner.connect()
  try {
    const { rows } = await owner.query<Waiting>(
      `with made as (
         insert into incidents (org_id, id, number, title, description, priority)
         select $1, uuidv7(), n, 'Checkout is down ' || n, 'Payments fail with a timeout', 'P2'
         from generate_series($3::int, $3::int + $4::int - 1) n
         returning id, number, key
       ), asked as (
         insert into inbox (org_id, id, workspace_id, event_id, sender, payload, lease_until, attempts)
         select $1, uuidv7(), $2, 'command:' || number, 'U0BENCH',
           jsonb_build_object('command', '/incident', 'text', 'ack ' || key), now() + interval '1 hour', 1
         from made returning id, event_id
       ), posted as (
         insert into posted_messages (org_id, id, incident_id, workspace_id, channel, message)
         select $1, uuidv7(), id, $2, 'C0INCIDENTS', number::text from made returning id, incident_id
       )
       select made.id as incident, number, key, asked.id as inbox, posted.id as card
       from made join posted on posted.incident_id = made.id join asked on event_id = 'command:' || number
       order by number`,
      [orgId, workspace.id, firstNumber, count],
    )
    return rows
  } finally {
    await owner.end()
  }
}
