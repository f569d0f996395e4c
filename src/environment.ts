import { isIP } from 'node:net'
import { z } from 'zod'

const text = z.string().optional()
const list = z.string().transform((value) =>
  value
    .split(',')
    .map((item) => item.trim())
    .filter(Boolean),
)

const url = (protocols: string[], wrong: string, ends = '') =>
  z
    .string()
    .refine((value) => {
      const parsed = URL.canParse(value) ? new URL(value) : undefined
      return parsed !== undefined && protocols.includes(parsed.protocol) && value.endsWith(ends)
    }, wrong)
    .optional()

const WEB = ['http:', 'https:']
const web = (ends?: string) =>
  url(WEB, `must be an http or https address${ends ? ` that ends in ${ends}` : ''}`, ends)
const postgres = url(['postgres:', 'postgresql:'], 'must be a postgres address')

const isCidr = (value: string) => {
  const [address = '', bits = '', ...more] = value.split('/')
  const family = isIP(address)
  return more.length === 0 && family > 0 && /^\d+$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128)
}
const isEmail = (value: string) => /^[^\s@<>,]+@[^\s@<>,]+$/.test(value)
const every = (test: (item: string) => boolean, wrong: string) =>
  list.refine((items) => items.every(test), wrong)

/** Each variable by itself; config.ts looks at them together. */
export const variables = z.object({
  PORT: z
    .string()
    .refine((value) => /^\d{1,5}$/.test(value) && Number(value) <= 65_535, 'must be a port, 0 to 65535')
    .transform(Number)
    .default(3000),
  HOST: z
    .string()
    .regex(/^[\w.:-]+$/, 'must be an address or a host name')
    .default('127.0.0.1'),
  DATABASE_URL: postgres,
  DATABASE_APP_URL: postgres,
  DATA_DIR: z.string().default('.data'),
  TOCSIN_CONFIG: text,
  TOCSIN_SECRET: text,
  ADMIN_EMAILS: every(isEmail, 'must be e-mail addresses with commas between them').default([]),
  CONSOLE: z.enum(['on', 'off'], 'must be on or off').optional(),
  LOG_LEVEL: z
    .enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'], 'must be a pino level')
    .default('info'),
  SLACK_BOT_TOKEN: text,
  SLACK_SIGNING_SECRET: text,
  SLACK_APP_TOKEN: text,
  SLACK_CLIENT_ID: text,
  SLACK_CLIENT_SECRET: text,
  SLACK_API_URL: web('/api/'),
  SLACK_COMMANDS: every(
    (item) => /^\/[^\s/]+$/.test(item),
    'must be slash commands with commas between them',
  ).default(['/incident', '/inc']),
  TEAMS_APP_ID: text,
  TEAMS_APP_PASSWORD: text,
  TEAMS_TENANT_ID: text,
  TEAMS_OPENID_URL: web(),
  TEAMS_LOGIN_URL: web(),
  TEAMS_SERVICE_HOSTS: every(
    (item) => /^[\w.-]+(:\d+)?$|^\[[\da-f:]+\](:\d+)?$/i.test(item),
    'must be hosts, host or host:port, with commas between them',
  ).optional(),
  TEAMS_AUTH: z.enum(['on', 'off'], 'must be on or off').default('on'),
  OPENAI_API_KEY: text,
  OPENAI_BASE_URL: web('/v1'),
  OPENAI_MODEL: z.string().default('gpt-5'),
  SMTP_URL: url(['smtp:', 'smtps:'], 'must be an smtp or smtps address'),
  MAIL_FROM: z
    .string()
    .refine((value) => isEmail(/<([^>]*)>$/.exec(value)?.[1] ?? value), 'must be an e-mail address')
    .optional(),
  TWILIO_ACCOUNT_SID: text,
  TWILIO_AUTH_TOKEN: text,
  TWILIO_FROM: text,
  PUBLIC_URL: web(),
  HEARTBEAT_URL: web(),
  ALLOWED_NETWORKS: every(isCidr, 'must be networks in CIDR form with commas between them').default([]),
})

export type Values = z.output<typeof variables>
export type Name = keyof Values

export const EXAMPLES: Record<Name, string> = {
  PORT: '3000',
  HOST: '127.0.0.1',
  DATABASE_URL: 'postgres://tocsin:password@db.example.com:5432/tocsin',
  DATABASE_APP_URL: 'postgres://tocsin_login:password@db.example.com:5432/tocsin',
  DATA_DIR: '.data',
  TOCSIN_CONFIG: '/etc/tocsin.yaml',
  TOCSIN_SECRET: '(the output of `openssl rand -base64 32`)',
  ADMIN_EMAILS: 'ida@example.com,ivo@example.com',
  CONSOLE: 'off',
  LOG_LEVEL: 'info',
  SLACK_BOT_TOKEN: 'xoxb-…',
  SLACK_SIGNING_SECRET: '(Basic Information, App Credentials)',
  SLACK_APP_TOKEN: 'xapp-…',
  SLACK_CLIENT_ID: '1234567890.1234567890',
  SLACK_CLIENT_SECRET: '(Basic Information, App Credentials)',
  SLACK_API_URL: 'https://slack.com/api/',
  SLACK_COMMANDS: '/incident,/inc',
  TEAMS_APP_ID: '00000000-0000-0000-0000-000000000000',
  TEAMS_APP_PASSWORD: '(the client secret of the app registration)',
  TEAMS_TENANT_ID: '00000000-0000-0000-0000-000000000000',
  TEAMS_OPENID_URL: 'https://login.botframework.com/v1/.well-known/openidconfiguration',
  TEAMS_LOGIN_URL: 'https://login.microsoftonline.com',
  TEAMS_SERVICE_HOSTS: 'smba.trafficmanager.net',
  TEAMS_AUTH: 'on',
  OPENAI_API_KEY: 'sk-…',
  OPENAI_BASE_URL: 'https://api.openai.com/v1',
  OPENAI_MODEL: 'gpt-5',
  SMTP_URL: 'smtps://user:password@smtp.example.com:465',
  MAIL_FROM: 'Tocsin <tocsin@example.com>',
  TWILIO_ACCOUNT_SID: 'AC…',
  TWILIO_AUTH_TOKEN: '(the auth token of the account)',
  TWILIO_FROM: '+15005550006',
  PUBLIC_URL: 'https://tocsin.example.com',
  HEARTBEAT_URL: 'https://heartbeat.example.com/ping/tocsin',
  ALLOWED_NETWORKS: '10.0.0.0/8,192.168.1.0/24',
}
