import { readFile } from 'node:fs/promises'
import { Kysely, PostgresDialect, sql } from 'kysely'
import pg from 'pg'
import { createConsole } from './adapters/console/console.ts'
import { createEmail } from './adapters/email/email.ts'
import { createSlack } from './adapters/slack/slack.ts'
import { createSms } from './adapters/sms/sms.ts'
import type { createTeams } from './adapters/teams/teams.ts'
import { createWebhookCarrier } from './adapters/webhook/webhook.ts'
import { createAgent } from './agent/loop.ts'
import { openaiModel } from './agent/openai.ts'
import type { Adapter } from './chat/chat.ts'
import type { ChatContext } from './chat/context.ts'
import { createChat, type RunningChat } from './chat/create-chat.ts'
import { renderIncident, renderOutcome } from './chat/render.ts'
import type { Config } from './config.ts'
import { type OwnCarrier, setCarriers } from './core/carriers.ts'
import { applyConfiguration } from './core/configuration/apply.ts'
import { ensureOrganization } from './core/configuration/found.ts'
import { parseConfiguration } from './core/configuration/parse.ts'
import { conversationReferences } from './core/conversation-references.ts'
import { consoleChannels, consolePeople, openConsole } from './core/sample/console.ts'
import { fillSample } from './core/sample/fill.ts'
import { webhookAddress, webhookSecrets } from './core/webhooks/webhook.ts'
import { startEmbedded } from './db/embedded.ts'
import { migrate, newestMigration } from './db/migrate.ts'
import { type Db, inOrg, openDb } from './db/pool.ts'
import type { Database } from './db/schema.ts'
import { sealingFor } from './encryption.ts'
import { createEngine } from './engine/engine.ts'
import { troubleOf } from './engine/health.ts'
import { createHeartbeat } from './engine/heartbeat.ts'
import { notifier } from './engine/notifier.ts'
import { organizationIds } from './engine/organizations.ts'
import { createWatchdog } from './engine/watch.ts'
import { mountCalendars } from './http/calendar.ts'
import { createMetrics } from './http/metrics.ts'
import { mountPageLinks, pageLinkFor } from './http/page-link.ts'
import { createHttp } from './http/server.ts'
import { inTurn } from './in-turn.ts'
import type { Logger } from './log.ts'
import { registryFor } from './operations/registry.ts'
import { createOutgoing } from './outgoing.ts'
import type { Carrier, CarrierName, PlatformName, WorkspaceRef } from './ports/platform.ts'
import { secretOf } from './secret.ts'

export type App = {
  url: string
  start(): Promise<void>
  /** No new work, what is under way is finished or handed back, out within 25 s. */
  stop(): Promise<void>
}

/** The composition root: the only file that knows everything. */
export async function createApp(config: Config, env: NodeJS.ProcessEnv, log: Logger): Promise<App> {
  const file = config.configFile
    ? parseConfiguration(await readFile(config.configFile, 'utf8'), env)
    : undefined
  const embedded = config.databaseUrl ? undefined : await startEmbedded({ dataDir: config.dataDir, log })
  const ownerUrl = config.databaseUrl ?? embedded!.url
  try {
    const applied = await migrate(ownerUrl)
    if (applied.length) log.info({ applied }, 'the database is up to date')
    const orgId = await withOwner(ownerUrl, (owner) => ensureOrganization(owner, file, forTrying(config)))
    const db = openDb(config.databaseAppUrl ?? ownerUrl, {
      onError: (reason) => log.warn({ reason }, 'a database connection broke'),
    })
    const secret = await secretOf(config.secret, config.dataDir)
    const sealing = sealingFor(secret, webhookSecrets)
    if (file) await inOrg(db, orgId, ({ tx }) => applyConfiguration(tx, orgId, file, sealing))
    await setAllCarriers(db, config)
    // The watchdog's own: what keeps the others busy must not blind it.
    const watchDb = openDb(config.databaseAppUrl ?? ownerUrl, {
      appConnections: 1,
      engineConnections: 1,
      onError: (reason) => log.warn({ reason }, 'a connection of the watchdog broke'),
    })
    // Microsoft's packages take two seconds and 100 MB: only who uses Teams pays for them.
    const teams = config.teams && (await import('./adapters/teams/teams.ts')).createTeams
    const stopDatabase = async () => embedded?.stop()
    return compose({ config, secret, db, watchDb, orgId, log, teams, stopDatabase })
  } catch (error) {
    await embedded?.stop()
    throw error
  }
}

/** Nothing but the console: whoever starts it so wants to try it. */
const forTrying = (config: Config): boolean =>
  config.console && !config.slack && !config.teams && !config.configFile

/** Every organisation may be told by the carriers that this installation has. */
async function setAllCarriers(db: Db, config: Config): Promise<void> {
  const names: OwnCarrier[] = [
    ...(config.mail ? ['email' as const] : []),
    ...(config.sms ? ['sms' as const] : []),
  ]
  for (const id of await organizationIds(db)) {
    await inOrg(db, id, ({ tx }) => setCarriers(tx, id, [...names, 'webhook']))
  }
}

/** What has no conversation: e-mail and SMS where they are set, webhooks always. */
function createCarriers(config: Config, secret: string, db: Db) {
  const outgoing = createOutgoing({ allowedNetworks: config.allowedNetworks })
  const sealing = sealingFor(secret, webhookSecrets)
  const webhook = createWebhookCarrier({
    send: outgoing.send,
    lookUp: (orgId, id) => inOrg(db, orgId, ({ tx }) => webhookAddress(tx, orgId, id, sealing)),
  })
  const email = config.mail && createEmail(config.mail)
  const carriers: Carrier[] = [webhook]
  if (email) carriers.push(email.carrier)
  if (config.sms) carriers.push(createSms(config.sms))
  const close = async () => {
    email?.close()
    await outgoing.close()
  }
  return { carriers, close }
}

type Parts = {
  config: Config
  secret: string
  db: Db
  watchDb: Db
  orgId: string
  log: Logger
  teams?: typeof createTeams
  stopDatabase: () => Promise<void>
}

function compose({ config, secret, db, watchDb, orgId, log, teams, stopDatabase }: Parts): App {
  const adapters = new Map<PlatformName, Adapter>()
  const { model, publicUrl } = config
  const registry = registryFor({ publicUrl })
  const agent = createAgent({
    db,
    registry,
    model: model && openaiModel({ apiKey: model.apiKey, baseURL: model.baseUrl, model: model.name }),
    log,
  })
  const metrics = createMetrics(db, log)
  const context: ChatContext = {
    db,
    registry,
    adapters,
    agent,
    log,
    adminEmails: config.adminEmails,
    command: (platform) =>
      platform === 'teams' ? '@Tocsin' : (platform === 'slack' && config.slack?.commands[0]) || '/incident',
    performed: metrics.performed,
    wakeDelivery: () => {
      engine.wake('escalate')
      engine.wake('deliver')
      others.notify('deliver')
    },
  }
  const others = notifier(db, log)
  const chat: RunningChat = createChat(context, orgId)
  const http = createHttp({ ready: () => ready(db), metrics, log })
  mountCalendars(http.app, db)
  mountPageLinks(http.app, { db, registry, secret, wake: context.wakeDelivery })
  if (config.slack) {
    const slack = createSlack({ config: config.slack, chat, log })
    adapters.set('slack', slack)
    slack.mount(http.app)
  }
  if (config.teams && teams) {
    const adapter = teams({ config: config.teams, chat, references: conversationReferences(db), log })
    adapters.set('teams', adapter)
    adapter.mount(http.app)
  }
  if (config.console) {
    const inConsole = <T>(read: (ref: WorkspaceRef) => Promise<T>) => ensureConsole(chat, orgId).then(read)
    const page = createConsole({
      chat,
      workspaceId: orgId,
      people: () => inConsole((ref) => inOrg(db, orgId, ({ tx }) => consolePeople(tx, orgId, ref.id))),
      channels: () => inConsole(() => inOrg(db, orgId, ({ tx }) => consoleChannels(tx, orgId))),
      dataDir: config.dataDir,
      host: config.host,
      log,
    })
    adapters.set('console', page)
    page.mount(http.app)
  }
  const own = createCarriers(config, secret, db)
  const platforms = new Map<CarrierName, Carrier>(own.carriers.map((carrier) => [carrier.name, carrier]))
  for (const [name, adapter] of adapters) platforms.set(name, adapter.platform)
  const engine = createEngine({
    db,
    platforms,
    work: chat.work,
    renderIncident,
    renderOutcome,
    pageLink: pageLinkFor(publicUrl, secret),
    adminEmails: config.adminEmails,
    onDelivery: ({ platform, outcome }) => metrics.delivered(platform, outcome),
    onStep: metrics.stepTaken,
    log,
    limits: { drainMs: 4_000 },
  })
  const watchdog = createWatchdog({ db: watchDb, platforms, log, onLook: metrics.looked })
  const heartbeat = config.heartbeatUrl
    ? createHeartbeat({
        url: config.heartbeatUrl,
        trouble: () => troubleOf(watchDb, engine.status(), watchdog.status()),
        onBeat: metrics.heartbeat,
        log,
      })
    : undefined
  const stopWatching = () => Promise.all([watchdog.stop(), heartbeat?.stop()])
  const stopAdapters = () => Promise.all([...adapters.values()].map((adapter) => adapter.stop()))
  const app: App = {
    url: config.publicUrl,
    async start() {
      if (config.console) await fillConsole(db, orgId, chat)
      const { port } = await http.listen(config.port, config.host)
      app.url = `http://${config.host.includes(':') ? `[${config.host}]` : config.host}:${port}`
      for (const adapter of adapters.values()) await adapter.start()
      await engine.start()
      watchdog.start()
      heartbeat?.start()
    },
    stop: () =>
      inTurn(log, [
        { what: 'what is coming in', ms: 5_000, end: () => Promise.all([http.close(4_000), stopAdapters()]) },
        { what: 'what is being worked', ms: 6_000, end: () => chat.drain(5_000) },
        { what: 'the engine', ms: 8_000, end: () => Promise.all([engine.stop(), stopWatching()]) },
        {
          what: 'the connections',
          ms: 1_000,
          end: () => Promise.all([own.close(), db.close(), watchDb.close()]),
        },
        // Whatever went wrong before: no process of ours remains.
        { what: 'the database', ms: 20_000, end: stopDatabase },
      ]),
  }
  return app
}

/** Whom one can be in the console, and where: the sample's people, or those of the real organisation. */
async function fillConsole(db: Db, orgId: string, chat: RunningChat): Promise<void> {
  const { id } = await ensureConsole(chat, orgId)
  await inOrg(db, orgId, async ({ tx }) => {
    await fillSample(tx, orgId, id)
    await openConsole(tx, orgId, id)
  })
}

/** Each organisation has a console of its own: the sample's is not the real one's. */
const ensureConsole = (chat: RunningChat, orgId: string): Promise<WorkspaceRef> =>
  chat.ensureWorkspace('console', orgId, 'Local console')

async function withOwner<T>(url: string, work: (owner: Kysely<Database>) => Promise<T>): Promise<T> {
  const pool = new pg.Pool({ connectionString: url, max: 1 })
  const owner = new Kysely<Database>({ dialect: new PostgresDialect({ pool }) })
  try {
    return await work(owner)
  } finally {
    await owner.destroy()
  }
}

/** Ready while the database answers and its schema is the one that this program knows. */
async function ready(db: Db): Promise<{ ok: true } | { ok: false; why: string }> {
  try {
    const { rows } = await sql<{ name: string }>`
      select name from kysely_migration order by name desc limit 1`.execute(db.app)
    const newest = rows[0]?.name
    if (newest === newestMigration) return { ok: true }
    return {
      ok: false,
      why: `the schema is at ${newest ?? 'nothing'}, this program needs ${newestMigration}`,
    }
  } catch {
    return { ok: false, why: 'the database does not answer' }
  }
}
