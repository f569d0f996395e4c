/** Stands between the program and its database, and takes it away: the server itself goes on for everybody else. */

import type { AddressInfo } from 'node:net'
import { connect, createServer, type Socket } from 'node:net'

export type DatabaseProxy = {
  /** The same database, through here. */
  url: string
  /** Every connection is reset and new ones are refused. */
  cut(): Promise<void>
  /** Connections stay, new ones are taken, and nothing comes through in either direction any more. */
  hang(): void
  /**
   * What hung goes on: with `late`, also what was sent into the silence arrives now, as after a stalled disk;
   * otherwise it is lost and those connections stay dead, as after a failover.
   */
  mend(options?: { late?: boolean }): Promise<void>
  connections: () => number
  close(): Promise<void>
}

type Link = { client: Socket; server: Socket; dead: boolean; kept: (() => void)[] }

export async function startProxy(databaseUrl: string): Promise<DatabaseProxy> {
  const target = new URL(databaseUrl)
  const links = new Set<Link>()
  let hanging = false

  const relay = (link: Link, from: Socket, to: Socket) =>
    from.on('data', (bytes: Buffer) => {
      if (hanging || link.dead || link.kept.length) link.kept.push(() => void to.write(bytes))
      else to.write(bytes)
    })
  const server = createServer((client) => {
    const link: Link = {
      client,
      server: connect(Number(target.port), target.hostname),
      dead: false,
      kept: [],
    }
    links.add(link)
    const end = () => {
      // A silent network says nothing of an end either.
      if (hanging) link.kept.push(end)
      else {
        client.destroy()
        link.server.destroy()
        links.delete(link)
      }
    }
    for (const [from, to] of [
      [client, link.server],
      [link.server, client],
    ] as const) {
      from.setNoDelay(true)
      relay(link, from, to)
      from.on('error', () => undefined).on('close', end)
    }
  })
  const listen = (port: number) =>
    new Promise<number>((resolve, reject) => {
      server.once('error', reject)
      server.listen(port, '127.0.0.1', () => resolve((server.address() as AddressInfo).port))
    })
  const port = await listen(0)
  const url = new URL(databaseUrl)
  url.hostname = '127.0.0.1'
  url.port = String(port)

  const drop = () => {
    hanging = false
    for (const link of links) {
      link.client.resetAndDestroy()
      link.server.destroy()
    }
    links.clear()
  }
  return {
    url: url.href,
    connections: () => links.size,
    async cut() {
      const closed = new Promise((resolve) => server.close(resolve))
      drop()
      await closed
    },
    hang: () => {
      hanging = true
    },
    async mend({ late = false } = {}) {
      hanging = false
      for (const link of links) {
        if (late) for (const go of link.kept.splice(0)) go()
        else if (link.kept.length) link.dead = true
      }
      if (!server.listening) await listen(port)
    },
    async close() {
      drop()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
