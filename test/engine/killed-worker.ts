// Run as a process of its own by killed.test.ts: an engine whose platform says that it was called and never answers.

import { openDb } from '../../src/db/pool.ts'
import { createEngine } from '../../src/engine/engine.ts'
import { createLogger } from '../../src/log.ts'
import type { Platform } from '../../src/ports/platform.ts'

const platform: Platform = {
  name: 'slack',
  paceMs: 0,
  profile: async (_workspace, user) => ({ user, name: user, kind: 'member' }),
  deliver: (_workspace, { id }) => {
    process.stdout.write(`${id}\n`)
    return new Promise(() => undefined)
  },
}
const db = openDb(process.argv[2]!)
const engine = createEngine({
  db,
  platforms: new Map([[platform.name, platform]]),
  work: async () => undefined,
  renderIncident: async () => undefined,
  renderOutcome: async () => undefined,
  log: createLogger('silent'),
})
await engine.start()
setInterval(() => undefined, 60_000)
