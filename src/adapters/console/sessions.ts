/** Who is looking: a random cookie names a session on the server, and the session names the person. */
import { randomBytes } from 'node:crypto'
import type { Request, Response } from 'express'

export type Session = { id: string; user: string }
export type Sessions = ReturnType<typeof createSessions>

/** Anything on this machine may open sessions; the oldest go first. */
const maxSessions = 1_000

/** Cookies do not know ports: two consoles on one machine must not take each other's. */
const cookieName = (req: Request) => `tocsin_console_${req.socket.localPort ?? 0}`

const cookie = (req: Request): string | undefined => {
  const name = `${cookieName(req)}=`
  return req.headers.cookie
    ?.split(';')
    .map((part) => part.trim())
    .find((part) => part.startsWith(name))
    ?.slice(name.length)
}

export function createSessions() {
  const sessions = new Map<string, Session>()
  const find = (req: Request): Session | undefined => sessions.get(cookie(req) ?? '')

  return {
    find,
    /** This browser is somebody else from now on. */
    choose(req: Request, res: Response, user: string): Session {
      const session = find(req) ?? { id: randomBytes(32).toString('base64url'), user }
      session.user = user
      sessions.delete(session.id)
      sessions.set(session.id, session)
      for (const id of sessions.keys()) {
        if (sessions.size <= maxSessions) break
        sessions.delete(id)
      }
      res.cookie(cookieName(req), session.id, { httpOnly: true, sameSite: 'strict', path: '/' })
      return session
    },
  }
}
