/** The pages that look, over server-sent events. Each hears what its person may see and nothing else. */
import type { Response } from 'express'
import type { Session } from './sessions.ts'

export type Viewer = { session: Session; user: string; page: string; res: Response }
export type Viewers = ReturnType<typeof createViewers>

const heartbeatMs = 15_000
const maxViewers = 200
/** A page that does not read what it is sent is dropped; it comes back and goes on where it was. */
const maxBehindBytes = 2_000_000

export function createViewers() {
  const viewers = new Set<Viewer>()
  const heartbeat = setInterval(() => {
    for (const viewer of viewers) write(viewer, ': still here\n\n')
  }, heartbeatMs)
  heartbeat.unref()

  function write(viewer: Viewer, text: string) {
    if (viewer.res.writableLength > maxBehindBytes) viewer.res.destroy()
    else viewer.res.write(text)
  }

  function send(viewer: Viewer, event: string, data: unknown, id?: string) {
    write(viewer, `${id ? `id: ${id}\n` : ''}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`)
  }

  return {
    full: () => viewers.size >= maxViewers,

    open(viewer: Viewer) {
      viewer.res.writeHead(200, { 'Content-Type': 'text/event-stream; charset=utf-8' })
      viewers.add(viewer)
      viewer.res.on('close', () => viewers.delete(viewer))
    },

    send,

    push(event: string, data: unknown, to: (user: string) => boolean, id?: string) {
      for (const viewer of viewers) if (to(viewer.user)) send(viewer, event, data, id)
    },

    /** This page of this person, else the one they opened last. */
    pageOf(user: string, page: string): Viewer | undefined {
      const own = [...viewers].filter((viewer) => viewer.user === user)
      return own.findLast((viewer) => viewer.page === page) ?? own.at(-1)
    },

    /** Whoever looked with this session is somebody else now. */
    switched(session: Session) {
      for (const viewer of viewers) {
        if (viewer.session !== session || viewer.user === session.user) continue
        send(viewer, 'switched', {})
        viewer.res.end()
      }
    },

    stop() {
      clearInterval(heartbeat)
      for (const viewer of viewers) viewer.res.end()
    },
  }
}
