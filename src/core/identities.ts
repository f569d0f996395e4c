import { sql } from 'kysely'
import { type Db, inOrg, type OrgTx, type Tx } from '../db/pool.ts'
import { uuid } from '../db/uuid.ts'
import type { Profile, WorkspaceRef } from '../ports/platform.ts'
import { writeAudit } from './audit.ts'
import { cleanText } from './clean-text.ts'
import { readSettings } from './configuration/settings.ts'
import { makeFirstAdministrator } from './first-administrator.ts'
import { isUnplaced, lockPeople, mergePeople, type Placement } from './people.ts'

export type StrangerReason = 'guest' | 'bot' | 'foreign' | 'deactivated' | 'unknown'
export type Identified =
  | { kind: 'person'; personId: string; name: string }
  | { kind: 'stranger'; reason: StrangerReason; name: string }

export type IdentifyOptions = {
  /** First administrators, lower-cased. */
  adminEmails: string[]
  /** The platform has just been asked: what was checked before counts no more. */
  anew?: boolean
}

/** How long the platform's word on a user is good, and how long it is when the platform does not answer. */
const freshFor = '10 minutes'
const usableFor = '1 day'

type Known = {
  name: string
  kind: Profile['kind']
  email: string | null
  personId: string | null
  personName: string | null
  active: boolean | null
  fresh: boolean
  usable: boolean
}

/**
 * Who a platform's user is here. What was checked in the last ten minutes is taken from the database in one query;
 * otherwise the platform is asked, outside any transaction, and what it says is stored: full members become people,
 * nobody else gets more than a row with their kind. While the platform does not answer, what was known today holds.
 */
export async function identify(
  db: Db,
  workspace: WorkspaceRef,
  user: string,
  profile: () => Promise<Profile>,
  options: IdentifyOptions,
): Promise<Identified> {
  const known = await inOrg(db, workspace.orgId, ({ tx }) => load(tx, workspace, user))
  if (known?.fresh && !options.anew) return identified(known)
  let seen: Profile
  try {
    seen = clean(await profile())
  } catch (error) {
    if (known?.usable) return identified(known)
    throw error
  }
  // Anybody can write a mention of nobody: what the platform does not know leaves no row behind.
  if (!known && seen.kind === 'unknown') return { kind: 'stranger', reason: 'unknown', name: seen.name }
  const store = () => inOrg(db, workspace.orgId, (scope) => remember(scope, workspace, user, seen, options))
  try {
    return await store()
  } catch (error) {
    // A change from elsewhere took the e-mail address in between: looked at again, it is found.
    if ((error as { code?: string }).code === '23505') return await store()
    throw error
  }
}

async function load(tx: Tx, workspace: WorkspaceRef, user: string): Promise<Known | undefined> {
  const { rows } = await sql<Known>`
    select i.name, i.kind, i.email, i.person_id as "personId", p.name as "personName", p.active,
      i.checked_at between tocsin_now() - ${freshFor}::interval and tocsin_now() as fresh,
      i.checked_at > tocsin_now() - ${usableFor}::interval as usable
    from identities i left join people p on p.org_id = i.org_id and p.id = i.person_id
    where i.org_id = ${workspace.orgId} and i.workspace_id = ${workspace.id} and i.external_id = ${user}`.execute(
    tx,
  )
  return rows[0]
}

function identified(known: Known): Identified {
  const name = known.personName ?? known.name
  if (known.kind !== 'member') return { kind: 'stranger', reason: known.kind, name }
  if (!known.personId) return { kind: 'stranger', reason: 'unknown', name }
  if (!known.active) return { kind: 'stranger', reason: 'deactivated', name }
  return { kind: 'person', personId: known.personId, name }
}

/** A display name is anybody's own choice: one line, not endless. */
const clean = (profile: Profile): Profile => ({
  ...profile,
  name: cleanText(profile.name).replaceAll(/\s+/g, ' ').trim().slice(0, 80).toWellFormed() || profile.user,
  email: profile.email?.trim().toLowerCase() || undefined,
})

async function remember(
  scope: OrgTx,
  workspace: WorkspaceRef,
  user: string,
  profile: Profile,
  options: IdentifyOptions,
): Promise<Identified> {
  const { tx, orgId } = scope
  await lockPeople(tx, orgId)
  const before = await load(tx, workspace, user)
  const member = profile.kind === 'member'
  const known = member ? await knownPerson(scope, workspace, user, profile, before) : before?.personId
  const personId = known ?? (member ? await newPerson(scope, profile) : null)
  // Whoever was looked for has not been seen here: their chat stays the one in which they speak.
  const seenAt = options.anew ? sql`'epoch'::timestamptz` : sql`tocsin_now()`
  const stillSeenAt = options.anew ? sql`identities.checked_at` : sql`excluded.checked_at`
  await sql`
    insert into identities (org_id, workspace_id, external_id, person_id, name, email, kind, checked_at)
    values (${orgId}, ${workspace.id}, ${user}, ${personId}, ${profile.name}, ${profile.email ?? null},
      ${profile.kind}, ${seenAt})
    on conflict (org_id, workspace_id, external_id) do update set person_id = excluded.person_id,
      name = excluded.name, email = excluded.email, kind = excluded.kind, checked_at = ${stillSeenAt}`.execute(
    tx,
  )
  if (member && personId) {
    // The account may from now on what that person may: that must be found again.
    if (known && known !== before?.personId) await auditJoin(scope, workspace, user, known)
    await followProfile(tx, orgId, personId, profile, before)
    await makeFirstAdministrator(scope, workspace, personId, profile, options.adminEmails, !before)
  }
  return identified((await load(tx, workspace, user))!)
}

/** The person a full member is, where anything says that they are somebody known. */
async function knownPerson(
  { tx, orgId }: OrgTx,
  workspace: WorkspaceRef,
  user: string,
  profile: Profile,
  before: Known | undefined,
): Promise<string | undefined> {
  const settings = await readSettings(tx, orgId)
  const named = settings.identities[`${workspace.platform}:${user}`]
  if (named && named !== before?.personId && (await placementOf(tx, orgId, named))) {
    // The configuration file's word; what the account had become by itself before goes along if nobody placed it.
    if (before?.personId) await absorb(tx, orgId, before.personId, named)
    return named
  }
  const email = trusted(profile.email, settings.emailDomains)
  const owner = email ? await personWithEmail(tx, orgId, email) : undefined
  if (before?.personId) {
    const own = await placementOf(tx, orgId, before.personId)
    if (!own || own.email || !own.active || !email) return before.personId
    // The domain became trusted after the account was known.
    if (!owner) {
      await tx
        .updateTable('people')
        .set({ email })
        .where('org_id', '=', orgId)
        .where('id', '=', before.personId)
        .execute()
      return before.personId
    }
    return (await absorb(tx, orgId, before.personId, owner)) ? owner : before.personId
  }
  // A deactivated person with this address stays one, whichever account they come with.
  return owner
}

async function newPerson({ tx, orgId }: OrgTx, profile: Profile): Promise<string> {
  const { emailDomains } = await readSettings(tx, orgId)
  const id = uuid()
  await tx
    .insertInto('people')
    .values({
      org_id: orgId,
      id,
      name: profile.name,
      email: trusted(profile.email, emailDomains) ?? null,
      phone: null,
      time_zone: null,
      department: null,
      deactivated_by: null,
    })
    .execute()
  return id
}

async function auditJoin(
  { tx, orgId, now }: OrgTx,
  { platform }: WorkspaceRef,
  user: string,
  personId: string,
): Promise<void> {
  const person = await placementOf(tx, orgId, personId)
  await writeAudit(
    tx,
    { orgId, name: 'joining of accounts', surface: platform },
    {
      operation: 'join_account',
      subject: person?.name,
      new: { account: `${platform} ${user}` },
      label: ['view_audit'],
    },
    now,
  )
}

/** Only the exact domain counts: neither a sub-domain nor a name that ends like it. */
const trusted = (email: string | undefined, domains: string[]): string | undefined => {
  const parts = email?.split('@') ?? []
  return parts.length === 2 && parts[0] && domains.includes(parts[1]!) ? email : undefined
}

async function personWithEmail(tx: Tx, orgId: string, email: string): Promise<string | undefined> {
  const row = await tx
    .selectFrom('people')
    .select('id')
    .where('org_id', '=', orgId)
    .where(sql`lower(email)`, '=', email)
    .executeTakeFirst()
  return row?.id
}

export async function placementOf(
  tx: Tx,
  orgId: string,
  personId: string,
): Promise<(Placement & { name: string; email: string | null; active: boolean }) | undefined> {
  return tx
    .selectFrom('people')
    .select([
      'name',
      'email',
      'active',
      'department',
      'rank',
      'admin',
      'file_fields',
      sql<string[]>`array(select team_id from team_members m
        where m.org_id = people.org_id and m.person_id = people.id order by 1)`.as('teamIds'),
    ])
    .where('org_id', '=', orgId)
    .where('id', '=', personId)
    .forUpdate()
    .executeTakeFirst()
}

async function absorb(tx: Tx, orgId: string, from: string, into: string): Promise<boolean> {
  const placement = await placementOf(tx, orgId, from)
  if (!placement || !isUnplaced(placement)) return false
  await mergePeople(tx, orgId, from, into)
  return true
}

/** A name that came from the platform follows it there; one that the file or an administrator gave stays. */
async function followProfile(
  tx: Tx,
  orgId: string,
  personId: string,
  profile: Profile,
  before: Known | undefined,
): Promise<void> {
  await sql`update people set time_zone = coalesce(time_zone, ${profile.timeZone ?? null}),
      name = case when name = ${before?.name ?? null} and not 'name' = any(file_fields)
        then ${profile.name} else name end
    where org_id = ${orgId} and id = ${personId}`.execute(tx)
}
