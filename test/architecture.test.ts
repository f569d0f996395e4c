import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { describe, expect, test } from 'vitest'

/** What each room may import, besides itself and what every room may: small top-level files, and shapes of config. */
const everywhere = [
  'errors',
  'log',
  'encryption',
  'outgoing',
  'raw-body',
  'json-body',
  'http-answer',
  'inbound-limits',
]
const mayImport: Record<string, string[]> = {
  errors: [],
  log: [],
  encryption: [],
  secret: [],
  'private-networks': [],
  outgoing: ['private-networks'],
  'raw-body': [],
  'http-answer': [],
  'json-body': [],
  'inbound-limits': [],
  environment: [],
  config: ['environment'],
  db: ['core'],
  core: ['db', 'ports'],
  ports: ['core'],
  messages: ['core', 'db'],
  operations: ['core', 'db'],
  agent: ['core', 'db', 'operations', 'messages', 'ports'],
  chat: ['core', 'db', 'operations', 'messages', 'ports', 'agent'],
  engine: ['core', 'db', 'operations', 'messages', 'ports', 'agent', 'chat'],
  adapters: ['core', 'operations', 'messages', 'ports', 'chat', 'config'],
  http: ['core', 'db', 'engine', 'messages', 'operations'],
}
/** Shapes alone: the card, the ports and the rules' types are words that everybody below may use. */
const mayImportTypes: Record<string, string[]> = {
  core: ['ports', 'messages', 'db'],
  messages: ['ports', 'core', 'db'],
  ports: ['core', 'messages'],
  operations: ['ports', 'messages'],
  db: ['core', 'ports'],
}
/** Composition roots see everything. */
const roots = ['app', 'main', 'commands']

const homes: [string, string][] = [
  ['@slack/', 'src/adapters/slack/'],
  ['botbuilder', 'src/adapters/teams/'],
  ['@microsoft/teams-ai', 'src/adapters/teams/'],
  ['openai', 'src/agent/openai'],
  ['nodemailer', 'src/adapters/email/'],
  ['twilio', 'src/adapters/sms/'],
  ['standardwebhooks', 'src/adapters/webhook/'],
  ['undici', 'src/outgoing'],
  ['ipaddr.js', 'src/private-networks'],
]

const sources = readdirSync('src', { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .map((file) => join('src', file))

const roomOf = (file: string) => relative('src', file).split('/')[0]!.replace(/\.ts$/, '')

type Import = { from: string; specifier: string; typeOnly: boolean }

const imports: Import[] = sources.flatMap((from) => {
  const text = readFileSync(from, 'utf8')
  const found = text.matchAll(/^(import|export)\s+(type\s+)?([^'"]*?\bfrom\s+)?['"]([^'"]+)['"]/gm)
  return [...found].map(([, , type, , specifier]) => ({ from, specifier: specifier!, typeOnly: !!type }))
})

const target = ({ from, specifier }: Import) => relative('.', resolve(dirname(from), specifier))

describe('the sources', () => {
  test('are found at all', () => {
    expect(imports.length).toBeGreaterThan(100)
  })

  test('import one way only', () => {
    const wrong = imports
      .filter(({ specifier }) => specifier.startsWith('.'))
      .filter((each) => {
        const from = roomOf(each.from)
        const to = target(each)
        if (roots.includes(from)) return false
        if (to.startsWith('migrations/')) return from !== 'db'
        const room = roomOf(to)
        if (room === from || everywhere.includes(room)) return false
        if (mayImport[from]?.includes(room)) return false
        return !(each.typeOnly && mayImportTypes[from]?.includes(room))
      })
      .map((each) => `${each.from} imports ${target(each)}`)
    expect(wrong).toEqual([])
  })

  test('keep adapters apart from each other and from the database', () => {
    const wrong = imports
      .filter(({ from, specifier }) => from.startsWith('src/adapters/') && specifier.startsWith('.'))
      .filter((each) => {
        const to = target(each)
        const own = each.from.split('/').slice(0, 3).join('/')
        return (to.startsWith('src/adapters/') && !to.startsWith(own)) || to.startsWith('src/db/')
      })
      .map((each) => `${each.from} imports ${target(each)}`)
    expect(wrong).toEqual([])
  })

  test('name each vendor library in its home alone', () => {
    const wrong = imports
      .filter(({ from, specifier }) =>
        homes.some(
          ([library, home]) =>
            (specifier === library ||
              specifier.startsWith(library.endsWith('/') ? library : `${library}/`)) &&
            !from.startsWith(home),
        ),
      )
      .map(({ from, specifier }) => `${from} imports ${specifier}`)
    expect(wrong).toEqual([])
  })

  test('read the environment in config.ts alone', () => {
    const wrong = sources.filter(
      (file) => file !== 'src/config.ts' && /process\.env/.test(readFileSync(file, 'utf8')),
    )
    expect(wrong).toEqual([])
  })
})
