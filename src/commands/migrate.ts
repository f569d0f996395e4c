/** `npm run migrate`: brings the database to the newest schema, as its owner. */
import { migrate } from '../db/migrate.ts'
import { command, say } from './session.ts'

await command(async ({ ownerUrl }) => {
  const applied = await migrate(ownerUrl)
  say(applied.length ? `Applied ${applied.join(', ')}.` : 'The database is up to date.')
  return 0
})
