import type { Document, Node } from 'yaml'
import { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument, visit } from 'yaml'
import type { z } from 'zod'
import { invalidInput } from '../../errors.ts'
import { cleanJson } from '../clean-text.ts'
import { references } from './references.ts'
import { type Configuration, configurationSchema } from './schema.ts'

export type Environment = Record<string, string | undefined>
/** `path` as in the file: `['people', 2, 'rank']`. */
export type Problem = { path: PropertyKey[]; wrong: string }

/**
 * Reads the configuration file. `${NAME}` in a value is taken from the environment.
 * @throws TocsinError invalid_input, whose sentence has a line for every problem, each with its line in the file and
 * never with a value, which may be a secret.
 */
export function parseConfiguration(text: string, env: Environment): Configuration {
  const lineCounter = new LineCounter()
  const document = parseDocument(text, { lineCounter, version: '1.2' })
  if (document.errors.length) {
    throw refused(
      document.errors.map((error) => ({
        line: error.linePos?.[0].line ?? 1,
        text: error.message.split('\n')[0]!.replace(/ at line \d+, column \d+:?$/, ''),
      })),
    )
  }
  const raw: unknown = plainOf(document)
  const missing = resolveSecrets(document, env)
  const parsed = configurationSchema.safeParse(plainOf(document), { reportInput: true })
  const wrong: Problem[] = parsed.success ? references(parsed.data) : parsed.error.issues.flatMap(problemsOf)
  const lines = [
    ...missing.map(({ offset, name }) => ({
      line: lineCounter.linePos(offset).line,
      text: `the environment has no ${name}`,
    })),
    ...wrong.map(({ path, wrong }) => ({
      line: lineOf(document, lineCounter, path),
      text: `${written(path)} ${wrong}`,
    })),
  ]
  if (lines.length || !parsed.success) throw refused(lines)
  return { ...parsed.data, later: cleanJson(laterOf(raw as Record<string, unknown>)) }
}

/** An alias that multiplies itself is refused by the library. */
function plainOf(document: Document): unknown {
  try {
    const file: unknown = document.toJS({ maxAliasCount: 100 }) ?? {}
    if (typeof file !== 'object' || Array.isArray(file)) return file
    // A section whose entries are all commented out is an empty one.
    return Object.fromEntries(Object.entries(file!).filter(([, section]) => section !== null))
  } catch {
    throw refused([{ line: 1, text: 'the file has more aliases than it may' }])
  }
}

const refused = (lines: { line: number; text: string }[]) => {
  const sorted = lines.toSorted((a, b) => a.line - b.line)
  return invalidInput(
    `The configuration file is not right, nothing was applied:\n${sorted
      .map(({ line, text }) => `  line ${line}: ${text}`)
      .join('\n')}`,
  )
}

const reference = /\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g

/** Replaces `${NAME}` in the document's values; says which names the environment lacks, and where. */
function resolveSecrets(document: Document, env: Environment): { offset: number; name: string }[] {
  const lacking: { offset: number; name: string }[] = []
  visit(document, {
    Scalar(key, node) {
      if (key === 'key' || typeof node.value !== 'string') return
      node.value = node.value.replaceAll(reference, (whole, name: string) => {
        const value = env[name]
        if (value === undefined) lacking.push({ offset: node.range?.[0] ?? 0, name })
        return value ?? whole
      })
    },
  })
  return lacking
}

const connectors = ['logs', 'checks', 'restart'] as const

/** What no capability reads yet, unresolved: a secret is stored nowhere. */
function laterOf(raw: Record<string, unknown>): Record<string, unknown> {
  const later: Record<string, unknown> = {}
  const services = ((raw.services as Record<string, unknown>[] | undefined) ?? []).flatMap((service) => {
    const own = connectors.filter((name) => service[name] !== undefined)
    return own.length ? [[service.name, Object.fromEntries(own.map((name) => [name, service[name]]))]] : []
  })
  if (services.length) later.services = Object.fromEntries(services)
  return later
}

function problemsOf(issue: z.core.$ZodIssue): Problem[] {
  const { path } = issue
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => ({ path: [...path, key], wrong: 'is not known here' }))
    case 'invalid_value':
      return [{ path, wrong: `must be one of ${issue.values.join(', ')}` }]
    case 'invalid_type': {
      if (issue.input === undefined) return [{ path, wrong: 'is missing' }]
      const wrong = issue.message.startsWith('must') ? issue.message : `must be ${typeWords(issue.expected)}`
      return [{ path, wrong }]
    }
    default:
      return [{ path, wrong: issue.message.replace(/\.$/, '') }]
  }
}

const typeWords = (expected: string) =>
  ({ array: 'a list', object: 'a section', record: 'a section', string: 'text', int: 'a whole number' })[
    expected
  ] ?? `a ${expected}`

/** `people[2].rank` */
const written = (path: PropertyKey[]): string =>
  path.length
    ? path
        .map((part, index) => (typeof part === 'number' ? `[${part}]` : `${index ? '.' : ''}${String(part)}`))
        .join('')
    : 'the file'

/** The line where the path stands, or as much of it as is there. */
function lineOf(document: Document, lineCounter: LineCounter, path: PropertyKey[]): number {
  let node = document.contents as Node | null | undefined
  let offset = node?.range?.[0] ?? 0
  for (const part of path) {
    if (isAlias(node)) node = node.resolve(document)
    if (isMap(node)) {
      const pair = node.items.find((item) => isScalar(item.key) && item.key.value === part)
      if (!pair) break
      offset = (pair.key as Node).range?.[0] ?? offset
      node = pair.value as Node | null
    } else if (isSeq(node)) {
      node = node.items[Number(part)] as Node | undefined
      offset = node?.range?.[0] ?? offset
    } else break
  }
  return lineCounter.linePos(offset).line || 1
}
