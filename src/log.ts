import { type Logger, pino, stdSerializers } from 'pino'

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

/** What of an error is logged: never all that a package hangs on it (Postgres quotes rows in `detail` and `where`). */
const ERROR_KEYS = ['type', 'message', 'stack', 'code', 'kind', 'severity', 'table', 'constraint', 'routine']

/** Tokens, and addresses that are as good as one: a response address, a database's with its password. */
const secretWords =
  /\bx(?:ox[a-z]|app)-[\w-]+|\bhttps?:\/\/hooks\.slack[\w.-]*\/\S+|\b[a-z]+:\/\/[^\s/@]+@\S+/gi

/** An error as it is logged: what it is and where, without the data that it was about. */
function errorWithoutData(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return { message: String(error).replaceAll(secretWords, '[redacted]') }
  const whole = stdSerializers.err(error) as unknown as Record<string, unknown>
  return Object.fromEntries(
    ERROR_KEYS.filter((key) => whole[key] !== undefined).map((key) => {
      const value = whole[key]
      return [key, typeof value === 'string' ? value.replaceAll(secretWords, '[redacted]') : value]
    }),
  )
}

/** JSON lines on stdout. `level` is a pino level: fatal, error, warn, info, debug, trace or silent. */
export const createLogger = (level: string): Logger =>
  pino({
    level,
    base: undefined,
    redact: { paths, censor: '[redacted]' },
    serializers: { err: errorWithoutData },
  })
