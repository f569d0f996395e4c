import { BlockList, isIP } from 'node:net'
import { EXAMPLES, type Name, type Values, variables } from './environment.ts'

/** Everything the environment says, checked. An absent group means that part is not configured. */
export type Config = {
  host: string
  port: number
  /** The base of every link that leaves, without a slash at its end. */
  publicUrl: string
  logLevel: string
  /** None: the embedded Postgres in `dataDir`. */
  databaseUrl?: string
  databaseAppUrl?: string
  dataDir: string
  /** The YAML file applied at the start. */
  configFile?: string
  /** None: generated into `dataDir`. */
  secret?: string
  adminEmails: string[]
  console: boolean
  slack?: SlackConfig
  teams?: TeamsConfig
  /** None: the model-free planner. */
  model?: { apiKey: string; baseUrl?: string; name: string }
  mail?: { url: string; from: string }
  sms?: { accountSid: string; authToken: string; from: string }
  heartbeatUrl?: string
  /** CIDR, those that configured URLs may reach although they are private. */
  allowedNetworks: string[]
}

export type SlackConfig = {
  /** One workspace; or `oauth`, many; or both. */
  botToken?: string
  /** HTTP. */
  signingSecret?: string
  /** Socket Mode. */
  appToken?: string
  oauth?: { clientId: string; clientSecret: string }
  apiUrl?: string
  commands: string[]
}

export type TeamsConfig = {
  /** These three are empty only where `auth` is false: Microsoft's local playground has none. */
  appId: string
  appPassword: string
  tenantId: string
  openidUrl?: string
  loginUrl?: string
  /** None: the public cloud's. */
  serviceHosts?: string[]
  auth: boolean
}

export type Problem = { variable: string; wrong: string; example: string }

/** Lists every wrong variable with its name, what is wrong and an example; never a value, it may be a secret. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
  readonly problems: Problem[]

  constructor(problems: Problem[]) {
    const lines = problems.map(
      ({ variable, wrong, example }) => `  ${variable} ${wrong}. Example: ${variable}=${example}`,
    )
    super(`The environment is not right:\n${lines.join('\n')}`)
    this.problems = problems
  }
}

/**
 * This process's environment: checked, and as it is for the `${NAME}` that a configuration file reads from it.
 * @throws ConfigError
 */
export const readEnvironment = (): { config: Config; env: NodeJS.ProcessEnv; underNpm: boolean } => ({
  config: readConfig(process.env),
  env: process.env,
  underNpm: process.env.npm_lifecycle_event !== undefined,
})

/** @throws ConfigError */
export function readConfig(env: NodeJS.ProcessEnv): Config {
  const given = Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) => (value?.trim() ? [[name, value.trim()]] : [])),
  )
  const problems: Problem[] = []
  const refuse = (variable: Name, wrong: string) => {
    if (!problems.some((problem) => problem.variable === variable)) {
      problems.push({ variable, wrong, example: EXAMPLES[variable] })
    }
  }
  const parsed = variables.safeParse(given)
  for (const { path, message } of parsed.error?.issues ?? []) refuse(path[0] as Name, message)
  checkTogether(given, refuse)
  if (!parsed.success || problems.length > 0) throw new ConfigError(problems)
  return toConfig(parsed.data)
}

/** What one variable demands of another; it looks at the raw text, so that all faults are told at once. */
function checkTogether(given: Record<string, string>, refuse: (variable: Name, wrong: string) => void): void {
  const needs = (name: Name, reason: Name, because = `is missing: ${reason} is set`) => {
    if (given[reason] && !given[name]) refuse(name, because)
  }
  const together = (...names: Name[]) => {
    for (const name of names) for (const other of names) needs(name, other)
  }
  const loopback = isLoopback(given.HOST ?? '127.0.0.1')

  needs('TOCSIN_SECRET', 'DATABASE_URL')
  needs('DATABASE_URL', 'DATABASE_APP_URL')
  if (given.CONSOLE === 'on' && !loopback) refuse('CONSOLE', 'cannot be on: HOST is not a loopback address')

  if (given.SLACK_BOT_TOKEN && !given.SLACK_SIGNING_SECRET && !given.SLACK_APP_TOKEN) {
    refuse(
      'SLACK_SIGNING_SECRET',
      'is missing: SLACK_BOT_TOKEN is set (or set SLACK_APP_TOKEN for Socket Mode)',
    )
  }
  if (given.SLACK_SIGNING_SECRET && !given.SLACK_BOT_TOKEN && !given.SLACK_CLIENT_ID) {
    refuse('SLACK_BOT_TOKEN', 'is missing: SLACK_SIGNING_SECRET is set (or set SLACK_CLIENT_ID for OAuth)')
  }
  needs('SLACK_BOT_TOKEN', 'SLACK_APP_TOKEN')
  together('SLACK_CLIENT_ID', 'SLACK_CLIENT_SECRET')
  needs('SLACK_SIGNING_SECRET', 'SLACK_CLIENT_ID')

  together('TEAMS_APP_ID', 'TEAMS_APP_PASSWORD', 'TEAMS_TENANT_ID')
  if (given.TEAMS_AUTH === 'off' && !loopback) {
    refuse('TEAMS_AUTH', 'cannot be off: HOST is not a loopback address')
  }
  needs('OPENAI_API_KEY', 'OPENAI_BASE_URL')
  together('SMTP_URL', 'MAIL_FROM')
  together('TWILIO_ACCOUNT_SID', 'TWILIO_AUTH_TOKEN', 'TWILIO_FROM')
}

const loopbackNetworks = new BlockList()
loopbackNetworks.addSubnet('127.0.0.0', 8, 'ipv4')
loopbackNetworks.addAddress('::1', 'ipv6')

const isLoopback = (host: string) => {
  const family = isIP(host)
  return host === 'localhost' || (family > 0 && loopbackNetworks.check(host, family === 6 ? 'ipv6' : 'ipv4'))
}

function toConfig(values: Values): Config {
  const slack = slackOf(values)
  const teams = teamsOf(values)
  const { HOST: host, PORT: port } = values
  const quiet = !slack && !teams && isLoopback(host)
  return {
    host,
    port,
    publicUrl: (values.PUBLIC_URL ?? `http://${isIP(host) === 6 ? `[${host}]` : host}:${port}`).replace(
      /\/+$/,
      '',
    ),
    logLevel: values.LOG_LEVEL,
    databaseUrl: values.DATABASE_URL,
    databaseAppUrl: values.DATABASE_APP_URL,
    dataDir: values.DATA_DIR,
    configFile: values.TOCSIN_CONFIG,
    secret: values.TOCSIN_SECRET,
    adminEmails: values.ADMIN_EMAILS.map((address) => address.toLowerCase()),
    console: values.CONSOLE ? values.CONSOLE === 'on' : quiet,
    slack,
    teams,
    model: values.OPENAI_API_KEY
      ? { apiKey: values.OPENAI_API_KEY, baseUrl: values.OPENAI_BASE_URL, name: values.OPENAI_MODEL }
      : undefined,
    mail: values.SMTP_URL ? { url: values.SMTP_URL, from: values.MAIL_FROM! } : undefined,
    sms: values.TWILIO_ACCOUNT_SID
      ? {
          accountSid: values.TWILIO_ACCOUNT_SID,
          authToken: values.TWILIO_AUTH_TOKEN!,
          from: values.TWILIO_FROM!,
        }
      : undefined,
    heartbeatUrl: values.HEARTBEAT_URL,
    allowedNetworks: values.ALLOWED_NETWORKS,
  }
}

function slackOf(values: Values): SlackConfig | undefined {
  if (!values.SLACK_BOT_TOKEN && !values.SLACK_CLIENT_ID) return undefined
  return {
    botToken: values.SLACK_BOT_TOKEN,
    signingSecret: values.SLACK_SIGNING_SECRET,
    appToken: values.SLACK_APP_TOKEN,
    oauth: values.SLACK_CLIENT_ID
      ? { clientId: values.SLACK_CLIENT_ID, clientSecret: values.SLACK_CLIENT_SECRET! }
      : undefined,
    apiUrl: values.SLACK_API_URL,
    commands: values.SLACK_COMMANDS,
  }
}

function teamsOf(values: Values): TeamsConfig | undefined {
  if (!values.TEAMS_APP_ID && values.TEAMS_AUTH === 'on') return undefined
  return {
    appId: values.TEAMS_APP_ID ?? '',
    appPassword: values.TEAMS_APP_PASSWORD ?? '',
    tenantId: values.TEAMS_TENANT_ID ?? '',
    openidUrl: values.TEAMS_OPENID_URL,
    loginUrl: values.TEAMS_LOGIN_URL?.replace(/\/+$/, ''),
    serviceHosts: values.TEAMS_SERVICE_HOSTS?.map((host) => host.toLowerCase()),
    auth: values.TEAMS_AUTH === 'on',
  }
}
