/** `npm run audit -- verify [SEQUENCE:HASH]` checks the hash chains; `export` writes every row as JSON lines. */
import { once } from 'node:events'
import { exportAudit, verifyAudit } from '../core/seal-audit.ts'
import { inOrg } from '../db/pool.ts'
import { command, requireSchema, type Session, say } from './session.ts'

const [what, head, ...more] = process.argv.slice(2)
const published = /^(\d+):([0-9a-f]{64})$/.exec(head ?? '')
if ((what !== 'verify' && what !== 'export') || more.length || (head && (what === 'export' || !published))) {
  process.stderr.write('Usage: npm run audit -- verify [SEQUENCE:HASH] | export\n')
  process.exit(2)
}

await command(async (session) => {
  await requireSchema(session)
  const organizations = await session.owner
    .selectFrom('organizations')
    .select(['org_id', 'name'])
    .orderBy('created_at')
    .execute()
  let good = true
  for (const organization of organizations) {
    if (what === 'export') await write(session, organization.org_id)
    else good = (await verify(session, organization)) && good
  }
  if (!organizations.length && what === 'verify') say('There is no organisation yet.')
  return good ? 0 : 1
})

async function verify({ db }: Session, { org_id, name }: { org_id: string; name: string }): Promise<boolean> {
  const kept = published ? { sequence: Number(published[1]), hash: published[2]! } : undefined
  const found = await inOrg(db, org_id, ({ tx }) => verifyAudit(tx, org_id, kept))
  if (found.ok) {
    say(
      `${name}: whole. ${found.sealed} rows sealed, ${found.unsealed} not yet. Head ${found.sealed}:${found.head}`,
    )
  } else {
    say(`${name}: TAMPERED WITH. ${found.sealed} rows are right, then: ${found.firstBad.sentence}`)
  }
  return found.ok
}

async function write({ db }: Session, orgId: string): Promise<void> {
  await inOrg(db, orgId, async ({ tx }) => {
    for await (const line of exportAudit(tx, orgId)) {
      if (!process.stdout.write(`${JSON.stringify(line)}\n`)) await once(process.stdout, 'drain')
    }
  })
}
