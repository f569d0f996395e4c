import pg from 'pg'
import type { Organization } from '../support/organization.ts'

export const open = 50
/** A team that has had four incidents among a million, one among a thousand. */
export const rareTeam = 'robotics'
/** Incidents are two years' worth, however many: as old an installation, a busier one. */
const days = 730

const words = `array['checkout','payments','latency','errors','database','replica','queue','backlog','login',
  'certificate','deploy','rollback','disk','memory','gateway','timeout','webhook','search','cache','export']`
const word = (salt: number) =>
  `(${words})[1 + (hashint4(n + ${salt}) & 2147483647) % array_length(${words}, 1)]`
const ago = `make_interval(secs => ${days * 86_400} * (1 - n::float8 / $2::int))`

/**
 * `closed` incidents of the last two years and fifty open ones; of each a service and one line of audit (open ones
 * and every hundredth closed one have twenty, so that there is a timeline to show).
 */
export async function fill(url: string, { orgId, actor }: Organization, closed: number) {
  const owner = new pg.Client({ connectionString: url })
  await owner.connect()
  try {
    // Foreign keys hold by construction; indexes are made once, afterwards, as a restored dump would have them.
    await owner.query(`set session_replication_role = replica; set maintenance_work_mem = '1GB';
      set max_parallel_maintenance_workers = 2`)
    await partitions(owner)
    const indexes = await dropIndexes(owner)
    await owner.query(
      `insert into teams (org_id, id, name)
       select $1, uuidv7(), case n when 11 then $2 else 'team ' || n end from generate_series(1, 11) n`,
      [orgId, rareTeam],
    )
    await owner.query(
      `insert into services (org_id, id, name) select $1, uuidv7(), 'service ' || n from generate_series(1, 20) n`,
      [orgId],
    )
    await owner.query(
      `insert into incidents (org_id, id, number, title, description, status, priority, reporter_id, assignee_id,
         team_id, acknowledged_by, acknowledged_at, resolved_at, closed_at, version, created_at, updated_at)
       select $1, uuidv7(-${ago}), n,
         ${word(1)} || ' ' || ${word(2)} || ' fails for case-' || n,
         'Seen since the ' || ${word(3)} || ' change; ' || ${word(4)} || ' and ' || ${word(5)} || ' look wrong.',
         case when n <= $2::int then 'CLOSED' else 'OPEN' end, 'P' || 1 + n % 5, $3, $3,
         case when n % 333333 = 1 then t.rare else t.ids[1 + n / 7 % 10] end, $3, at, at, at, 4, at, at
       from generate_series(1, $2::int + ${open}) n, lateral (select now() - ${ago} as at) d,
         (select array_agg(id) filter (where name <> $4) as ids,
           (array_agg(id) filter (where name = $4))[1] as rare from teams) t`,
      [orgId, closed, actor.personId, rareTeam],
    )
    await owner.query(
      `insert into incident_services select i.org_id, i.id, s.ids[1 + i.number % 20]
       from incidents i, (select array_agg(id) as ids from services) s`,
    )
    await owner.query(
      `insert into audit (org_id, id, at, recorded_at, actor_id, actor, surface, operation, incident_id, version, new)
       select i.org_id, uuidv7(), i.created_at + l * interval '1 minute', i.created_at + l * interval '1 minute',
         $1, 'Ida Torres', 'slack', 'update_priority', i.id, l, '{"priority":"P2"}'
       from incidents i, generate_series(1, case when i.status = 'OPEN' or i.number % 100 = 0 then 20 else 1 end) l
       order by i.number, l`,
      [actor.personId],
    )
    for (const definition of indexes) await owner.query(definition)
    await owner.query('update organizations set last_incident = $1', [closed + open])
  } finally {
    await owner.end()
  }
}

/** The months that have passed have their partitions, as in an installation that has run for so long. */
async function partitions(owner: pg.Client): Promise<void> {
  await owner.query(`do $$ declare month date; begin
    for i in 1..25 loop
      month := date_trunc('month', now())::date - make_interval(months => i);
      execute format('create table %I partition of audit for values from (%L) to (%L)',
        'audit_' || to_char(month, 'YYYY_MM'), month, month + interval '1 month');
    end loop; end $$`)
}

async function dropIndexes(owner: pg.Client): Promise<string[]> {
  const { rows } = await owner.query<{ name: string; definition: string }>(
    `select indexname as name, indexdef as definition from pg_indexes
     where tablename = 'incidents' and indexname not in (select conname from pg_constraint)`,
  )
  for (const { name } of rows) await owner.query(`drop index ${name}`)
  return rows.map(({ definition }) => definition)
}
