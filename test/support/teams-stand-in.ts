/**
 * A local server standing in for Microsoft: its OpenID document and keys, its login, its connector, and people who
 * type, press and submit.
 *
 *   const teams = await startTeamsStandIn()
 *   teams.addUser({ id: '6f0e…', name: 'Ida Torres', email: 'ida@example.com' })
 *   // … start the app with teams.env() …
 *   teams.connect(app.url)
 *   const sent = await teams.as('6f0e…').say('declare Checkout is down', { channel: '19:c@thread.tacv2' })
 *   const answer = await teams.answerTo(sent)
 *   expect(teams.textOf(answer)).toContain('INC-001')
 *   const pressed = await teams.as('6f0e…').click(answer, 'Acknowledge')
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import {
  callConnector,
  createTeamsState,
  type Json,
  methodOf,
  personalOf,
  type TeamsMessage,
  type TeamsUser,
} from './teams-connector.ts'
import { createIssuer, publicIssuer } from './teams-issuer.ts'
import { actionsOf, cardIn, cardWords, createTeamsPeople, type TeamsSent } from './teams-people.ts'

export type { Json, TeamsMessage, TeamsUser } from './teams-connector.ts'
export type { TeamsPlace, TeamsSent } from './teams-people.ts'

/** `taken`: the call takes effect, and only its answer goes wrong. */
export type TeamsFault = { taken?: boolean } & (
  | { type: 'status'; status: number; code?: string; retryAfter?: number }
  | { type: 'hang' }
  | { type: 'cut' }
)

const readBody = async (request: IncomingMessage): Promise<Json> => {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  const text = Buffer.concat(chunks).toString()
  if (!text) return {}
  if (request.headers['content-type']?.includes('json')) return JSON.parse(text) as Json
  return Object.fromEntries(new URLSearchParams(text))
}

const reply = (
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
) => response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body))

export const startTeamsStandIn = async (
  options: { appId?: string; password?: string; tenant?: string } = {},
) => {
  const {
    appId = '11111111-2222-4333-8444-555555555555',
    password = 'stand-in-password',
    tenant = '99999999-8888-4777-8666-555555555555',
  } = options
  const issuer = await createIssuer(appId)
  const state = createTeamsState(tenant, `28:${appId}`)
  const faults = new Map<string, TeamsFault[]>()
  const watchers = new Set<() => void>()
  const accessToken = 'stand-in-access-token'

  const act = (
    verb: string,
    path: string,
    body: Json,
    authorization?: string,
  ): { status: number; body: unknown } => {
    const method = methodOf(verb, path)
    if (method === 'openid')
      return {
        status: 200,
        body: {
          issuer: publicIssuer,
          jwks_uri: `${url}/v1/.well-known/keys`,
          id_token_signing_alg_values_supported: ['RS256'],
        },
      }
    if (method === 'keys') return { status: 200, body: { keys: issuer.published } }
    if (method === 'token') {
      const right =
        body.client_id === appId && body.client_secret === password && path.includes(`/${tenant}/`)
      return right
        ? { status: 200, body: { token_type: 'Bearer', expires_in: 3600, access_token: accessToken } }
        : { status: 401, body: { error: 'invalid_client', error_description: 'AADSTS7000215' } }
    }
    if (authorization !== `Bearer ${accessToken}`)
      return { status: 401, body: { error: { code: 'Unauthorized', message: 'no token' } } }
    return callConnector(state, verb, path, body)
  }

  const serve = async (request: IncomingMessage, response: ServerResponse) => {
    const verb = request.method ?? 'GET'
    const path = request.url ?? ''
    const body = await readBody(request)
    const method = methodOf(verb, path)
    const { authorization } = request.headers
    state.calls.push({ method, path, body, at: Date.now(), authorization })
    const fault = control.fault({ method, path, body }) ?? faults.get(method)?.shift()
    const result = !fault || fault.taken ? act(verb, path, body, authorization) : undefined
    if (fault?.type === 'cut') response.destroy()
    else if (fault?.type === 'status')
      reply(
        response,
        fault.status,
        { error: { code: fault.code ?? 'ServiceError', message: 'a fault of the stand-in' } },
        fault.retryAfter === undefined ? {} : { 'retry-after': String(fault.retryAfter) },
      )
    else if (!fault && result) reply(response, result.status, result.body)
    for (const watcher of watchers) watcher()
  }
  const server = createServer((request, response) => {
    serve(request, response).catch(() => response.destroy())
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`
  const url = `http://${host}`
  const control = {
    serviceUrl: `${url}/emea/`,
    fault: (_call: { method: string; path: string; body: Json }): TeamsFault | undefined => undefined,
  }
  const people = createTeamsPeople({ state, issuer, appId, serviceUrl: () => control.serviceUrl })

  /** Resolves to what the predicate finds; looks after each call, and every 10 ms for what happens elsewhere. */
  const waitFor = async <T>(
    predicate: () => T | Promise<T>,
    { timeoutMs = 5000, what = 'what was waited for' } = {},
  ): Promise<NonNullable<T>> => {
    const until = Date.now() + timeoutMs
    for (;;) {
      const found = await predicate()
      if (found) return found
      if (Date.now() > until)
        throw new Error(
          `${what} did not come in ${timeoutMs} ms. Last calls:\n${state.calls
            .slice(-8)
            .map((call) => `  ${call.method} ${call.path} ${JSON.stringify(call.body).slice(0, 300)}`)
            .join('\n')}`,
        )
      await new Promise<void>((done) => {
        const go = () => {
          clearTimeout(timer)
          watchers.delete(go)
          done()
        }
        const timer = setTimeout(go, 10)
        watchers.add(go)
      })
    }
  }

  const standing = (conversation: string) =>
    state.messages.filter(
      (each) => each.conversation.split(';')[0] === conversation.split(';')[0] && !each.deleted,
    )

  return {
    url,
    host,
    appId,
    password,
    tenant,
    bot: state.bot,
    issuer,
    state,
    /** What activities name as their serviceUrl from now on, and whether a call goes wrong as it arrives. */
    control,
    env: () => ({
      TEAMS_APP_ID: appId,
      TEAMS_APP_PASSWORD: password,
      TEAMS_TENANT_ID: tenant,
      TEAMS_OPENID_URL: `${url}/v1/.well-known/openidconfiguration`,
      TEAMS_LOGIN_URL: `${url}/login`,
      TEAMS_SERVICE_HOSTS: host,
    }),
    connect: people.connect,
    as: people.as,
    send: people.send,
    activityOf: people.activityOf,
    addUser: (user: TeamsUser) => state.users.set(user.id, user),
    /** The next `times` calls of this method go wrong: send, update, delete, create, members, token, openid, keys. */
    fail(method: string, fault: TeamsFault, times = 1) {
      faults.set(method, [...(faults.get(method) ?? []), ...Array.from({ length: times }, () => fault)])
    },
    heal: () => faults.clear(),
    calls: (method?: string) => state.calls.filter((call) => !method || call.method === method),
    /** The bot's messages in a channel (all its threads) or conversation, as they are now. */
    messages: standing,
    /** The bot's messages to this person alone. */
    direct: (user: string) => standing(personalOf(user)),
    directOf: personalOf,
    cardOf: (from: TeamsMessage | Json) => cardIn('activity' in from ? from.activity : from),
    textOf: (from: TeamsMessage | Json): string => {
      const inner = ('activity' in from ? from.activity : from) as Json
      const card = cardIn(inner)
      return card ? cardWords(card) : String(inner.text ?? '')
    },
    buttonsOf: (from: TeamsMessage | Json): string[] =>
      actionsOf(cardIn('activity' in from ? from.activity : from) ?? from).map((each) => each.title),
    waitFor,
    /** The bot's next message where it was said, or in the asker's personal chat. */
    answerTo: (sent: TeamsSent, waiting?: { timeoutMs?: number }): Promise<TeamsMessage> =>
      waitFor(
        () =>
          state.messages.find(
            (each) =>
              each.order > sent.order &&
              !each.deleted &&
              (each.conversation === sent.conversation || each.conversation === personalOf(sent.user)),
          ),
        { what: 'An answer', ...waiting },
      ),
    async close() {
      server.closeAllConnections()
      await new Promise((done) => server.close(done))
    },
  }
}
export type TeamsStandIn = Awaited<ReturnType<typeof startTeamsStandIn>>
