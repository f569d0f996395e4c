import { readFileSync, statSync } from 'node:fs'
import { expect, test } from 'vitest'
import { parseConfiguration } from '../src/core/configuration/parse.ts'
import { variables } from '../src/environment.ts'
import { reference } from '../src/operations/reference.ts'
import { registry } from '../src/operations/registry.ts'

const readme = readFileSync('README.md', 'utf8')
const scripts = Object.keys(
  (JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: Record<string, string> }).scripts,
)

test('the tables of verbs are the registry’s: npm run reference writes them', () => {
  expect(readme).toContain(reference(registry))
})

test('the commands that are named are there', () => {
  const named = [...readme.matchAll(/npm run ([\w:]+)/g)].map((match) => match[1]!)
  expect(named.filter((name) => !scripts.includes(name))).toEqual([])
})

test('the variables that are named are those that are read', () => {
  const table = readme.slice(readme.indexOf('## Environment'), readme.indexOf('## How it is built'))
  const named = [...table.matchAll(/^\| (`.*?) \|/gm)].flatMap((match) =>
    [...match[1]!.matchAll(/`([A-Z_]+)`/g)].map(([, name]) => name!),
  )
  expect(named.length).toBeGreaterThan(10)
  expect(named.filter((name) => !Object.keys(variables.shape).includes(name))).toEqual([])
})

test('the configuration file’s examples are one good file', () => {
  const examples = [...readme.matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, text]) => text)
  expect(examples).toHaveLength(2)
  expect(() => parseConfiguration(examples.join('\n'), {})).not.toThrow()
})

test('links within the repository lead somewhere, and pictures are small', () => {
  const links = [...readme.matchAll(/\]\((?!https?:)([^)#]+)\)/g)].map((match) => match[1]!)
  expect(links.length).toBeGreaterThan(3)
  for (const link of links) expect(statSync(link).size, link).toBeLessThan(200_000)
})
