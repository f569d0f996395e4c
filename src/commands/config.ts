/** `npm run config -- plan FILE` shows what `apply FILE` would change; `apply` changes it, all or nothing. */
import { readFile } from 'node:fs/promises'
import { applyConfiguration, planConfiguration } from '../core/configuration/apply.ts'
import { ensureOrganization } from '../core/configuration/found.ts'
import { parseConfiguration } from '../core/configuration/parse.ts'
import { describeChange } from '../core/configuration/step.ts'
import { webhookSecrets } from '../core/webhooks/webhook.ts'
import { inOrg } from '../db/pool.ts'
import { sealingFor } from '../encryption.ts'
import { invalidInput } from '../errors.ts'
import { secretOf } from '../secret.ts'
import { command, requireSchema, say } from './session.ts'

const [what, path, ...more] = process.argv.slice(2)
if ((what !== 'plan' && what !== 'apply') || !path || more.length) {
  process.stderr.write('Usage: npm run config -- plan FILE | apply FILE\n')
  process.exit(2)
}

await command(async (session) => {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw invalidInput(`${path} cannot be read: ${error.code ?? error.message}.`)
  })
  const file = parseConfiguration(text, session.env)
  await requireSchema(session)
  const orgId = await ensureOrganization(session.owner, file)
  const sealing = sealingFor(await secretOf(session.config.secret, session.config.dataDir), webhookSecrets)
  const change = what === 'apply' ? applyConfiguration : planConfiguration
  const changes = await inOrg(session.db, orgId, ({ tx }) => change(tx, orgId, file, sealing))
  for (const one of changes) say(describeChange(one))
  if (!changes.length) say('Nothing to change: everything is as the file says.')
  else
    say(
      what === 'apply'
        ? `Applied ${changes.length} changes.`
        : `${changes.length} changes; nothing was applied.`,
    )
  return 0
})
