import { Writable } from 'node:stream'
import { pino } from 'pino'
import { expect, test } from 'vitest'
import { unavailable } from '../../src/errors.ts'
import { createLogger } from '../../src/log.ts'

/** What a logger like ours writes: its options on a stream of our own. */
function logged(write: (log: ReturnType<typeof createLogger>) => void): string {
  const lines: string[] = []
  const stream = new Writable({
    write(chunk, _encoding, done) {
      lines.push(String(chunk))
      done()
    },
  })
  const log = createLogger('trace')
  // pino keeps the stream under this symbol.
  ;(log as unknown as Record<symbol, unknown>)[pino.symbols.streamSym] = stream
  write(log)
  return lines.join('')
}

const hook = 'https://hooks.slack.com/commands/T0/1/hooksecret'

test('an error is logged without the data that it was about', () => {
  const error = Object.assign(new Error(`invalid input syntax for type json near ${hook}`), {
    code: '22P02',
    where: `JSON data, line 1: ...{"type":"response","url":"${hook}"`,
    detail: 'Failing row contains (rowsecret).',
    client: { connectionParameters: { password: 'dbsecret' } },
    cause: new Error('connect postgres://tocsin:urlsecret@db:5432/tocsin with xoxb-1-tokensecret'),
  })
  const wrapped = unavailable('That could not be stored.')
  wrapped.cause = error
  const text = logged((log) => {
    log.error({ err: error }, 'one')
    log.child({ adapter: 'slack' }).warn({ err: wrapped }, 'two')
    log.error({ err: 'only words' }, 'three')
  })
  expect(text).toContain('22P02')
  expect(text).toContain('That could not be stored.')
  expect(text).toContain('only words')
  expect(text).not.toMatch(/hooksecret|rowsecret|dbsecret|urlsecret|tokensecret/)
})
