import type { Running } from './process.ts'
import { type DatabaseProxy, startProxy } from './proxy.ts'
import { createWorld, type World } from './world.ts'

/** One replica whose database can be taken away. */
export async function startBehindProxy(): Promise<{
  world: World
  proxy: DatabaseProxy
  app: Running
  [Symbol.asyncDispose](): Promise<void>
}> {
  const world = await createWorld()
  const proxy = await startProxy(world.databaseUrl)
  const app = await world.replica({ DATABASE_URL: proxy.url })
  return {
    world,
    proxy,
    app,
    async [Symbol.asyncDispose]() {
      await world.close()
      await proxy.close()
    },
  }
}
