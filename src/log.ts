import { type Logger, pino } from 'pino'

export type { Logger }

/** Keys whose values never reach a log line (safety rule 11), as they are spelt in JavaScript, HTTP and Slack. */
const SECRET_KEYS = [
  'token',
  'access_token',
  'accessToken',
  'refresh_token',
  'refreshToken',
  'id_token',
  'bot_token',
  'botToken',
  'app_token',
  'appToken',
  'auth_token',
  'authToken',
  'authorization',
  'Authorization',
  'password',
  'appPassword',
  'secret',
  'client_secret',
  'clientSecret',
  'signing_secret',
  'signingSecret',
  'api_key',
  'apiKey',
  'response_url',
  'responseUrl',
  'cookie',
  'Cookie',
  'set-cookie',
  'connectionString',
  'databaseUrl',
  'databaseAppUrl',
  'smtpUrl',
]

/** pino's wildcards match one level each, so every depth is a path of its own. */
const DEPTHS = ['', '*.', '*.*.', '*.*.*.']

const paths = DEPTHS.flatMap((prefix) =>
  SECRET_KEYS.map((key) => (key.includes('-') ? `${prefix.replace(/\.$/, '')}["${key}"]` : prefix + key)),
)

/** JSON lines on stdout. `level` is a pino level: fatal, error, warn, info, debug, trace or silent. */
export const createLogger = (level: string): Logger =>
  pino({ level, base: undefined, redact: { paths, censor: '[redacted]' } })
