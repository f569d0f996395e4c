/**
 * The console believes whoever speaks to it, so only this machine's own page may: a foreign name that was pointed
 * at loopback (DNS rebinding) shows in Host, another site's page in Origin and Sec-Fetch-Site.
 */
import type { NextFunction, Request, Response } from 'express'

const spelt = (host: string) => (host.includes(':') && !host.startsWith('[') ? `[${host}]` : host)

const ownHosts = (host: string, port: number): string[] =>
  ['127.0.0.1', 'localhost', '[::1]', spelt(host.toLowerCase())].flatMap((name) =>
    port === 80 ? [name, `${name}:80`] : [`${name}:${port}`],
  )

export function guard(listeningHost: string) {
  return (req: Request, res: Response, next: NextFunction): void => {
    const hosts = ownHosts(listeningHost, req.socket.localPort ?? 0)
    const host = req.headers.host?.toLowerCase()
    const origin = req.headers.origin?.toLowerCase()
    const reason =
      !host || !hosts.includes(host)
        ? 'The console answers only under its own local address.'
        : origin !== undefined && !hosts.some((own) => origin === `http://${own}`)
          ? 'The console answers only its own page.'
          : // A plain link to the page is harmless; reading or doing something from another site is not.
            req.path !== '/' && ['cross-site', 'same-site'].includes(String(req.headers['sec-fetch-site']))
            ? 'The console answers only its own page.'
            : undefined
    if (reason) res.status(403).json({ error: reason })
    else next()
  }
}

/** The renderer sets its styles through the CSSOM, which needs no 'unsafe-inline'. */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

export function headers(_req: Request, res: Response, next: NextFunction): void {
  res.set({
    'Content-Security-Policy': policy,
    'X-Content-Type-Options': 'nosniff',
    'Referrer-Policy': 'no-referrer',
    'Cross-Origin-Resource-Policy': 'same-origin',
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Cache-Control': 'no-store',
  })
  next()
}
