import express from 'express'
import { RateLimiterMemory } from 'rate-limiter-flexible'
import type { Actor } from '../core/actor.ts'
import {
  deliveryOf,
  findPageLink,
  type PageLink,
  pageLinks,
  pageToken,
  usePageLink,
} from '../core/page-link.ts'
import type { Db } from '../db/pool.ts'
import { type Signing, signingFor } from '../encryption.ts'
import { conflict, type ErrorKind, isTocsinError } from '../errors.ts'
import type { AnyOperation } from '../operations/define.ts'
import { perform } from '../operations/perform.ts'
import { csp, linkPage, noticePage } from './page-link-page.ts'

export type PageLinkOptions = {
  db: Db
  registry: AnyOperation[]
  secret: string
  /** Called after a link did something, which others are told of. */
  wake(): void
}

const signingOf = (secret: string): Signing => signingFor(secret, pageLinks.purpose, pageLinks.signatureBytes)

/** The engine's `pageLink`: the address that the page of this delivery carries. */
export function pageLinkFor(publicUrl: string, secret: string): (deliveryId: string) => string {
  const signing = signingOf(secret)
  return (deliveryId) => `${publicUrl}/p/${pageToken(signing, deliveryId)}`
}

/** Wrong tokens from one address in a minute; right ones are never refused. */
const guesses = { points: 30, duration: 60 }

/**
 * GET shows and does nothing, because mail scanners follow links; POST acknowledges or escalates as the person who was
 * paged, once.
 */
export function mountPageLinks(app: express.Express, { db, registry, secret, wake }: PageLinkOptions): void {
  const signing = signingOf(secret)
  const limiter = new RateLimiterMemory(guesses)
  const operation = (name: string) => registry.find((one) => one.name === name)

  /** The link that the request names; undefined when it has been answered with what is wrong. */
  const linkOf = async (request: express.Request, response: express.Response) => {
    // What fails is logged with its path: the token stays out of it.
    request.url = '/p'
    response
      .set('cache-control', 'no-store')
      .set('referrer-policy', 'no-referrer')
      .set('x-content-type-options', 'nosniff')
      .set('x-robots-tag', 'noindex')
      .set('content-security-policy', csp)
    const id = deliveryOf(signing, String(request.params.token))
    const link = id && (await findPageLink(db, id))
    if (link) return link
    const tooMany = await limiter.consume(request.ip ?? '').then(
      () => false,
      () => true,
    )
    const words = 'Open it from the message itself, or look into the chat.'
    if (tooMany) send(response, 429, noticePage('Too many wrong links', 'Try again in a minute.'))
    else send(response, 404, noticePage('There is no such link', words))
    return undefined
  }

  app.get('/p/:token', async (request, response) => {
    const link = await linkOf(request, response)
    if (link) show(response, link, possible(link, operation))
  })

  const form = express.urlencoded({ extended: false, limit: '1kb', parameterLimit: 4 })
  app.post('/p/:token', form, async (request, response) => {
    const link = await linkOf(request, response)
    if (!link) return
    const body: unknown = request.body
    const asked = body && typeof body === 'object' && 'action' in body ? body.action : undefined
    const offered = possible(link, operation)
    const chosen = link.state.type === 'open' ? offered.find(({ action }) => action === asked) : undefined
    if (link.state.type !== 'open') return show(response, link, offered)
    if (!chosen) return send(response, 400, noticePage('Nothing was done', 'The request named no action.'))
    try {
      await act(db, link, chosen)
    } catch (error) {
      if (!isTocsinError(error)) throw error
      return send(response, statuses[error.kind], noticePage('Nothing was done', error.message))
    }
    wake()
    // The browser asks for what is so now; sending again does nothing.
    response.redirect(303, String(request.params.token))
  })
}

export type LinkAction = { action: 'acknowledge' | 'escalate'; operation: AnyOperation; input: object }

/** What this link can do. */
function possible(
  { incident, pageId }: PageLink,
  operation: (name: string) => AnyOperation | undefined,
): LinkAction[] {
  const named = (action: LinkAction['action'], name: string, input: object): LinkAction[] => {
    const found = operation(name)
    return found ? [{ action, operation: found, input }] : []
  }
  if (!incident) return named('acknowledge', 'acknowledge_page', { page: pageId })
  const input = { incident: incident.key }
  return [...named('acknowledge', 'acknowledge', input), ...named('escalate', 'escalate', input)]
}

/** The link is taken in the transaction of what it does: either both happen or neither. */
async function act(db: Db, link: PageLink, { operation, input }: LinkAction): Promise<void> {
  const { orgId, person, surface, facts, deliveryId } = link
  const actor: Actor = { orgId, personId: person.id, name: person.name, surface }
  await perform(db, actor, operation, input, {
    asOf: facts.incident?.version,
    settle: async ({ tx }, result) => {
      if (isTocsinError(result)) return
      if (!(await usePageLink(tx, orgId, deliveryId))) {
        throw conflict('Nothing more was done: the link was used a moment ago.')
      }
    },
  })
}

function show(response: express.Response, link: PageLink, actions: LinkAction[]): void {
  send(response, link.state.type === 'open' ? 200 : 410, linkPage(link, actions))
}

const send = (response: express.Response, status: number, page: string): void =>
  void response.status(status).type('html').send(page)

const statuses: Record<ErrorKind, number> = {
  denied: 403,
  not_found: 404,
  conflict: 409,
  invalid_input: 400,
  unavailable: 503,
}
