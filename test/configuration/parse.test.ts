import { expect, test } from 'vitest'
import { parseConfiguration } from '../../src/core/configuration/parse.ts'
import { everything } from './everything.ts'

const problems = (yaml: string, env: Record<string, string> = {}): string[] => {
  try {
    parseConfiguration(yaml, env)
    return []
  } catch (error) {
    expect(error).toMatchObject({ kind: 'invalid_input' })
    return (error as Error).message
      .split('\n')
      .slice(1)
      .map((line) => line.trim())
  }
}

test('every section of the contract is understood', () => {
  const file = parseConfiguration(everything, { HOOK_SECRET: 'whsec_1' })
  expect(file).toMatchObject({ organization: 'Example Corp', email_domains: ['example.com'] })
  expect(file.webhooks[0]?.secret).toBe('whsec_1')
})

test('an empty file is a file', () => {
  expect(parseConfiguration('', {}).people).toEqual([])
})

test('secrets of the environment are resolved to be checked, and kept unresolved', () => {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: the file's own notation
  const notation = '${LOG_TOKEN}'
  const yaml = `services:\n  - name: api\n    logs: { loki: { url: "http://loki", token: "${notation}" } }\n`
  const { later } = parseConfiguration(yaml, { LOG_TOKEN: 'tok_1' })
  expect(JSON.stringify(later)).not.toContain('tok_1')
  expect(JSON.stringify(later)).toContain(notation)
})

test('a name that the environment lacks is told with its line and without any value', () => {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: the file's own notation
  const yaml = 'webhooks:\n  - name: lake\n    url: https://x.example\n    secret: "${LACKING}"\n'
  expect(problems(yaml)).toEqual(['line 4: the environment has no LACKING'])
})

test.each([
  ['people:\n  - name: Ida\n    rank: captain\n', 'line 3: people[0].rank must be one of viewer, user, '],
  ['people:\n  - { name: Ida }\n  - email: ida@example.com\n', 'line 3: people[1].name is missing'],
  ['currency: usd\n', 'line 1: currency must be a currency of three capitals'],
  ['colour: red\n', 'line 1: colour is not known here'],
  ['people:\n  - name: Ida\n    shoe_size: 41\n', 'line 3: people[0].shoe_size is not known here'],
  ['people:\n  - { name: Ida, teams: [pay] }\n', 'line 2: people[0].teams[0] names no team of this file'],
  [
    'people:\n  - { name: Ida, department: LEGAL }\n',
    'line 2: people[0].department names no department of this file',
  ],
  ['services:\n  - { name: api, team: pay }\n', 'line 2: services[0].team names no team'],
  ['customers:\n  - { name: Acme, services: [api] }\n', 'line 2: customers[0].services[0] names no service'],
  ['teams:\n  - name: pay\n  - name: PAY\n', 'line 3: teams[1].name is there twice'],
  [
    'people:\n  - { name: A, email: a@b.example }\n  - { name: B, email: A@b.example }\n',
    'line 3: people[1].email is there twice',
  ],
  ['people:\n  - name: Ida\n  - name: ida\n', 'people[0].name is there twice: give each an email'],
  ['email_domains: ["@example.com"]\n', 'line 1: email_domains[0] must be a domain such as example.com'],
  ['email_domains: [com]\n', 'line 1: email_domains[0] must be a domain'],
  ['email_domains: ["*.example.com"]\n', 'line 1: email_domains[0] must be a domain'],
  [
    'group_roles:\n  - { slack_group: S1, rank: cto, admin: true }\n',
    'line 2: group_roles[0].admin cannot come from a group',
  ],
  [
    'departments:\n  - { name: LEGAL, permissions: [view_everything] }\n',
    'line 2: departments[0].permissions[0] must be one of view_incident',
  ],
  [
    'departments:\n  - { name: it, permissions: [comment] }\n',
    'line 2: departments[0].name is one of the four',
  ],
  ['channels:\n  - { slack: "#general", clearance: [view_cost_impact] }\n', 'line 2: channels[0].slack'],
  ['channels:\n  - { clearance: [view_cost_impact] }\n', 'line 2: channels[0] must name a channel'],
  ['spending_limit: lots\n', 'line 1: spending_limit must be a number'],
  [
    'policies:\n  - { name: p, steps: [{ after: 5 minutes }] }\n',
    'line 2: policies[0].steps[0].after must be a duration',
  ],
  [
    'policies:\n  - name: p\n    steps: [{ after: 5m, notify: [{ person: x@y.example }] }]\n',
    'line 3: policies[0].steps[0].notify[0].person is nobody’s e-mail address under people',
  ],
  ['policies:\n  - { name: p, when: { category: Disks }, steps: [{ after: 5m }] }\n', 'names no category'],
  ['people: nobody\n', 'line 1: people must be a list'],
  ['- a\n- b\n', 'line 1: the file must be a section'],
  ['people:\n  - name: [Ida\n', 'line '],
  ['currency: USD\ncurrency: EUR\n', 'line 2: Map keys must be unique'],
])('%j is told as such', (yaml, expected) => {
  expect(problems(yaml).some((line) => line.includes(expected))).toBe(true)
})

test('every problem is told at once, in the order of the file', () => {
  const found = problems('currency: usd\npeople:\n  - name: Ida\n    rank: captain\n    admin: maybe\n')
  expect(found.map((line) => line.split(':')[0])).toEqual(['line 1', 'line 4', 'line 5'])
})

test('a file that multiplies itself is refused', () => {
  const bomb = `a: &a [x,x,x,x,x,x,x,x,x]\n${[...'bcdefghij'].map((name, index) => `${name}: &${name} [${Array(9).fill(`*${'abcdefghij'[index]}`).join(',')}]`).join('\n')}\n`
  expect(problems(bomb)[0]).toContain('more aliases')
})
