import { expect, test } from 'vitest'
import { ConfigError, readConfig } from '../src/config.ts'

const problems = (env: Record<string, string>) => {
  try {
    readConfig(env)
  } catch (error) {
    if (error instanceof ConfigError)
      return error.problems.map(({ variable, wrong }) => `${variable} ${wrong}`)
    throw error
  }
  return []
}

test('an empty environment starts with the embedded database and the console on loopback', () => {
  expect(readConfig({})).toMatchObject({
    host: '127.0.0.1',
    port: 3000,
    publicUrl: 'http://127.0.0.1:3000',
    dataDir: '.data',
    logLevel: 'info',
    console: true,
    adminEmails: [],
    allowedNetworks: [],
    databaseUrl: undefined,
    slack: undefined,
    teams: undefined,
    model: undefined,
    mail: undefined,
    sms: undefined,
  })
})

test('every variable finds its place', () => {
  const config = readConfig({
    PORT: '8080',
    HOST: '0.0.0.0',
    DATABASE_URL: 'postgres://o:p@db/tocsin',
    DATABASE_APP_URL: 'postgresql://a:p@db/tocsin',
    DATA_DIR: '/data',
    TOCSIN_CONFIG: '/etc/tocsin.yaml',
    TOCSIN_SECRET: 's3cret',
    ADMIN_EMAILS: 'Ida@example.com, ivo@example.com',
    LOG_LEVEL: 'debug',
    SLACK_BOT_TOKEN: 'xoxb-1',
    SLACK_SIGNING_SECRET: 'sign',
    SLACK_APP_TOKEN: 'xapp-1',
    SLACK_CLIENT_ID: '1.2',
    SLACK_CLIENT_SECRET: 'client',
    SLACK_API_URL: 'http://127.0.0.1:9/api/',
    SLACK_COMMANDS: '/fire',
    TEAMS_APP_ID: 'app',
    TEAMS_APP_PASSWORD: 'password',
    TEAMS_TENANT_ID: 'tenant',
    TEAMS_OPENID_URL: 'http://127.0.0.1:9/openid',
    TEAMS_LOGIN_URL: 'http://127.0.0.1:9/',
    TEAMS_SERVICE_HOSTS: '127.0.0.1:9,smba.trafficmanager.net',
    OPENAI_API_KEY: 'sk-1',
    OPENAI_BASE_URL: 'http://127.0.0.1:9/v1',
    OPENAI_MODEL: 'small',
    SMTP_URL: 'smtp://127.0.0.1:25',
    MAIL_FROM: 'Tocsin <tocsin@example.com>',
    TWILIO_ACCOUNT_SID: 'AC1',
    TWILIO_AUTH_TOKEN: 'auth',
    TWILIO_FROM: '+15005550006',
    PUBLIC_URL: 'https://tocsin.example.com/',
    HEARTBEAT_URL: 'https://beat.example.com/1',
    ALLOWED_NETWORKS: '10.0.0.0/8,fd00::/8',
  })
  expect(config).toEqual({
    host: '0.0.0.0',
    port: 8080,
    publicUrl: 'https://tocsin.example.com',
    logLevel: 'debug',
    databaseUrl: 'postgres://o:p@db/tocsin',
    databaseAppUrl: 'postgresql://a:p@db/tocsin',
    dataDir: '/data',
    configFile: '/etc/tocsin.yaml',
    secret: 's3cret',
    adminEmails: ['ida@example.com', 'ivo@example.com'],
    console: false,
    slack: {
      botToken: 'xoxb-1',
      signingSecret: 'sign',
      appToken: 'xapp-1',
      oauth: { clientId: '1.2', clientSecret: 'client' },
      apiUrl: 'http://127.0.0.1:9/api/',
      commands: ['/fire'],
    },
    teams: {
      appId: 'app',
      appPassword: 'password',
      tenantId: 'tenant',
      openidUrl: 'http://127.0.0.1:9/openid',
      loginUrl: 'http://127.0.0.1:9',
      serviceHosts: ['127.0.0.1:9', 'smba.trafficmanager.net'],
      auth: true,
    },
    model: { apiKey: 'sk-1', baseUrl: 'http://127.0.0.1:9/v1', name: 'small' },
    mail: { url: 'smtp://127.0.0.1:25', from: 'Tocsin <tocsin@example.com>' },
    sms: { accountSid: 'AC1', authToken: 'auth', from: '+15005550006' },
    heartbeatUrl: 'https://beat.example.com/1',
    allowedNetworks: ['10.0.0.0/8', 'fd00::/8'],
  })
})

test('an empty value counts as none', () => {
  expect(readConfig({ PORT: '', SLACK_BOT_TOKEN: ' ', OPENAI_BASE_URL: '', CONSOLE: '' })).toEqual(
    readConfig({}),
  )
})

test.for<[Record<string, string>, string]>([
  [{ PORT: '70000' }, 'PORT must be a port'],
  [{ PORT: 'abc' }, 'PORT must be a port'],
  [{ HOST: 'http://x' }, 'HOST must be an address'],
  [{ LOG_LEVEL: 'loud' }, 'LOG_LEVEL must be'],
  [{ DATABASE_URL: 'mysql://x', TOCSIN_SECRET: 'x' }, 'DATABASE_URL must be a postgres address'],
  [{ DATABASE_URL: 'postgres://db/x' }, 'TOCSIN_SECRET is missing: DATABASE_URL is set'],
  [{ DATABASE_APP_URL: 'postgres://db/x' }, 'DATABASE_URL is missing: DATABASE_APP_URL is set'],
  [{ ADMIN_EMAILS: 'ida' }, 'ADMIN_EMAILS must be e-mail addresses'],
  [{ CONSOLE: 'yes' }, 'CONSOLE must be on or off'],
  [{ CONSOLE: 'on', HOST: '0.0.0.0' }, 'CONSOLE cannot be on'],
  [{ SLACK_BOT_TOKEN: 'x' }, 'SLACK_SIGNING_SECRET is missing'],
  [{ SLACK_SIGNING_SECRET: 'x' }, 'SLACK_BOT_TOKEN is missing'],
  [{ SLACK_APP_TOKEN: 'x' }, 'SLACK_BOT_TOKEN is missing'],
  [{ SLACK_CLIENT_ID: 'x', SLACK_SIGNING_SECRET: 'x' }, 'SLACK_CLIENT_SECRET is missing'],
  [{ SLACK_CLIENT_ID: 'x', SLACK_CLIENT_SECRET: 'x' }, 'SLACK_SIGNING_SECRET is missing'],
  [
    { SLACK_API_URL: 'https://slack.com/api' },
    'SLACK_API_URL must be an http or https address that ends in /api/',
  ],
  [{ SLACK_COMMANDS: 'incident' }, 'SLACK_COMMANDS must be slash commands'],
  [{ TEAMS_APP_ID: 'x', TEAMS_APP_PASSWORD: 'x' }, 'TEAMS_TENANT_ID is missing: TEAMS_APP_ID is set'],
  [{ TEAMS_AUTH: 'off', HOST: '::' }, 'TEAMS_AUTH cannot be off'],
  [{ TEAMS_SERVICE_HOSTS: 'https://x' }, 'TEAMS_SERVICE_HOSTS must be hosts'],
  [{ OPENAI_API_KEY: 'x', OPENAI_BASE_URL: 'http://x/v2' }, 'OPENAI_BASE_URL must be'],
  [{ OPENAI_BASE_URL: 'http://x/v1' }, 'OPENAI_API_KEY is missing'],
  [{ SMTP_URL: 'smtp://x' }, 'MAIL_FROM is missing'],
  [{ MAIL_FROM: 'a@b' }, 'SMTP_URL is missing'],
  [{ TWILIO_ACCOUNT_SID: 'x', TWILIO_AUTH_TOKEN: 'x' }, 'TWILIO_FROM is missing'],
  [{ ALLOWED_NETWORKS: '10.0.0.0/33' }, 'ALLOWED_NETWORKS must be networks'],
  [{ HEARTBEAT_URL: 'ftp://x' }, 'HEARTBEAT_URL must be'],
])('%j is refused: %s', ([env, expected]) => {
  expect(problems(env)).toHaveLength(1)
  expect(problems(env)[0]).toContain(expected)
})

test('all faults are told at once, each with an example, and no value is repeated', () => {
  const env = {
    PORT: 'hunter2',
    DATABASE_URL: 'hunter2',
    SLACK_BOT_TOKEN: 'hunter2',
    OPENAI_BASE_URL: 'hunter2',
  }
  expect(() => readConfig(env)).toThrow(ConfigError)
  expect(problems(env).map((problem) => problem.split(' ')[0])).toEqual([
    'PORT',
    'DATABASE_URL',
    'OPENAI_BASE_URL',
    'TOCSIN_SECRET',
    'SLACK_SIGNING_SECRET',
    'OPENAI_API_KEY',
  ])
  try {
    readConfig(env)
  } catch (error) {
    expect((error as Error).message).toContain('Example: PORT=3000')
    expect((error as Error).message).not.toContain('hunter2')
  }
})

test('the console is on by itself only on loopback and while no chat platform is configured', () => {
  const slack = { SLACK_BOT_TOKEN: 'x', SLACK_SIGNING_SECRET: 'x' }
  expect(readConfig({ HOST: '0.0.0.0' }).console).toBe(false)
  expect(readConfig({ HOST: '::1' })).toMatchObject({ console: true, publicUrl: 'http://[::1]:3000' })
  expect(readConfig({ CONSOLE: 'off' }).console).toBe(false)
  expect(readConfig(slack).console).toBe(false)
  expect(readConfig({ ...slack, CONSOLE: 'on' }).console).toBe(true)
})

test('the Teams playground needs no credentials', () => {
  expect(readConfig({ TEAMS_AUTH: 'off' }).teams).toMatchObject({ appId: '', auth: false })
})
