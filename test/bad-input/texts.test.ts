/** What people write arrives as what they wrote: markup is words, the unstorable is cleaned, the long is shortened. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTocsin, type Tocsin } from '../support/app.ts'
import type { SlackMessage } from '../support/slack-stand-in.ts'

let tocsin: Tocsin
beforeAll(async () => {
  tocsin = await startTocsin()
})
afterAll(() => tocsin?.stop())

const ask = async (user: string, text: string, channel = 'C1'): Promise<SlackMessage> => {
  const { slack } = tocsin
  const sent = await slack.as(user).command(text, { channel })
  expect({ status: sent.status, body: sent.body }).toEqual({ status: 200, body: '' })
  return slack.answerTo(sent)
}
const textOf = (message: SlackMessage) => tocsin.slack.textOf(message)
const keyIn = (message: SlackMessage) => /INC-\d+/.exec(textOf(message))![0]
const cardIn = (channel: string) => tocsin.slack.waitFor(() => tocsin.slack.messages(channel)[0])
const titleOf = async (key: string): Promise<string> => {
  const [row] = await tocsin.sql<{ title: string }>('select title from incidents where key = $1', [key])
  return row!.title
}
/** Slack escapes what people type before it sends it; a message is JSON, a command a form. */
const typed = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')

/** Everything in the blocks and the text that Slack would read as markup. */
function markup({ text, blocks }: { text: string; blocks?: unknown }): string[] {
  const found = [...text.matchAll(/<[^>]*>/g)].map(([all]) => all)
  const walk = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return
    const { type, text: words, verbatim } = value as { type?: string; text?: unknown; verbatim?: boolean }
    if (typeof words === 'string' && type === 'mrkdwn') {
      for (const [all] of words.matchAll(/<[^>]*>/g)) if (!/^<!date\^/.test(all)) found.push(all)
      if (!verbatim) found.push('not verbatim')
    }
    if (
      type === 'user' ||
      type === 'broadcast' ||
      type === 'usergroup' ||
      type === 'link' ||
      type === 'image'
    )
      found.push(JSON.stringify(value))
    for (const inner of Object.values(value)) walk(inner)
  }
  walk(blocks)
  return found
}

const evil = '<!channel> <@UIDA> <https://evil.example|x> &amp; *bold* :fire:'

test('markup that people type stands in titles, notes and answers as plain words', async () => {
  const { slack } = tocsin
  const declared = await ask('UIDA', `declare ${typed(evil)}`, 'C10')
  const key = keyIn(declared)
  expect(await titleOf(key)).toBe(evil)
  await ask('UIVO', `assign ${key} ${typed(evil)}`, 'C10')
  await ask('UIDA', `note ${key} ${typed(`${evil}\n<!here> ${evil}`)}`, 'C10')
  await ask('UOLGA', `impact ${key} ${typed(evil)}`, 'C10')
  await ask('UOLGA', `search ${typed(evil)}`, 'C10')
  const shown = await ask('UADA', `show ${key}`, 'C10')
  const timeline = await ask('UADA', `timeline ${key}`, 'C10')
  expect(textOf(timeline)).toContain('<!here>')
  await slack.as('UVIC').dm(`what about ${typed(evil)}?`)
  await slack.waitFor(() => slack.direct('UVIC').length)
  await slack.as('UVIC').mention(`what about ${typed(evil)}?`, { channel: 'C10' })
  await slack.waitFor(() => slack.messages('C10').length > 1)
  expect(textOf(shown)).toContain(evil)
  for (const message of slack.state.messages.filter(({ user }) => user === slack.bot))
    expect({ text: message.text, markup: markup(message) }).toEqual({ text: message.text, markup: [] })
})

test.each<[string, string, string]>([
  ['a NUL', 'down\u0000 hard', 'down hard'],
  ['half a pair', 'down \ud800 hard', 'down \ufffd hard'],
  ['the other half, and a NUL', '\udfff\u0000 down', '\ufffd down'],
  ['right-to-left words', 'תשלומים לא עובדים', 'תשלומים לא עובדים'],
  ['emoji of many parts', 'family 👨‍👩‍👧‍👦 and 🏳️‍🌈', 'family 👨‍👩‍👧‍👦 and 🏳️‍🌈'],
  ['white space of all kinds', 'a\u00a0b\tc\r\n\r\nd', 'a b c d'],
])('%s in a title is kept or cleaned, and shown', async (_what, title, stored) => {
  const { slack } = tocsin
  // In a dialog and in a message the text is JSON, which can say everything.
  await slack.as('UIDA').command('', { channel: 'C20' })
  const view = await slack.waitFor(() => slack.modals('UIDA')[0])
  await slack.as('UIDA').submit(view, { Title: title })
  expect(view.errors).toBeUndefined()
  const rows = await tocsin.sql<{ title: string }>('select title from incidents order by number desc limit 1')
  expect(rows[0]!.title).toBe(stored)
  expect(textOf(await ask('UIDA', 'list', 'C20'))).toContain(stored.slice(0, 20))
  const said = await slack.as('UIVO').dm(`declare ${title} again`)
  expect(said.status).toBe(200)
  await slack.waitFor(
    async () => (await tocsin.sql(`select 1 from incidents where title = $1`, [`${stored} again`])).length,
  )
})

test("direction overrides turn nobody else's words round", async () => {
  const key = keyIn(await ask('UIDA', 'declare \u202eevil\u202c title', 'C21'))
  expect(textOf(await cardIn('C21'))).toContain(`${key}  evil title`)
})

test('a title that is too long is refused with its limit, and nothing is declared', async () => {
  const answer = textOf(await ask('UIDA', `declare ${'long '.repeat(60)}`))
  expect(answer).toMatch(/title must be at most 200 characters/)
  expect(await tocsin.sql(`select 1 from incidents where title like 'long long%'`)).toEqual([])
  const most = 'é'.repeat(200)
  const key = keyIn(await ask('UIDA', `declare ${most}`, 'C22'))
  expect(await titleOf(key)).toBe(most)
  const card = textOf(await cardIn('C22'))
  // Slack's header holds 150 characters: the rest is in `show`.
  expect(card).toContain('(shortened)')
  expect(textOf(await ask('UIDA', `show ${key}`))).toContain(key)
})

test('40,000 characters in a command, a message and a note are answered in short, and nothing waits', async () => {
  const { slack } = tocsin
  const key = keyIn(await ask('UIDA', 'declare Much to read', 'C23'))
  const long = 'why is it so slow? '.repeat(2_200).slice(0, 40_000)
  const notes: [string, string][] = [
    [`note ${key} ${long}`, 'must be at most 4000 characters'],
    [`assign ${key} ${long}`, 'Nothing was done'],
    [`impact ${key} ${long}`, 'must be at most'],
    [`search ${long}`, ''],
    [`priority ${key} ${long}`, ''],
    [long, ''],
    ['x'.repeat(40_000), ''],
    ['<@'.repeat(20_000), ''],
    [`<@${'U'.repeat(30_000)}> is it open?`, ''],
    [`<@${'U'.repeat(500)}> and <@${'W'.repeat(2_000)}>?`, ''],
    [`${'INC-001 '.repeat(5_000)}`, ''],
    [`${'declare '.repeat(5_000)}`, ''],
  ]
  for (const [text, expected] of notes) {
    const began = performance.now()
    const answer = await ask('UIDA', typed(text), 'C23')
    expect(performance.now() - began, text.slice(0, 30)).toBeLessThan(5_000)
    expect(textOf(answer).length, text.slice(0, 30)).toBeLessThan(12_000)
    expect(textOf(answer)).toContain(expected)
  }
  const began = performance.now()
  const said = await slack.as('UIVO').dm(long)
  expect(said.status).toBe(200)
  await slack.waitFor(() => slack.direct('UIVO').find((message) => message.order > said.order))
  expect(performance.now() - began).toBeLessThan(5_000)
  expect(
    await tocsin.sql(`select payload -> 'text' from inbox where attempts > 1 or state = 'failed'`),
  ).toEqual([])
  const noise = await tocsin.sql(`select external_id from identities where length(external_id) > 64`)
  expect(noise).toEqual([])
})

test('names that people give themselves are words too', async () => {
  const { slack } = tocsin
  slack.addUser({ id: 'UEVIL', name: `${evil}\u202e\u0000 ${'name '.repeat(40)}`, email: 'evil@example.com' })
  await tocsin.sql(`insert into people (org_id, id, name, email, department, rank)
    select org_id, gen_random_uuid(), 'placed', 'evil@example.com', 'IT', 'oncall_engineer' from organizations`)
  await tocsin.sql(`update people set name = $1 where name = 'placed'`, [evil])
  const key = keyIn(await ask('UEVIL', 'declare By somebody odd', 'C24'))
  await ask('UEVIL', `ack ${key}`, 'C24')
  expect(textOf(await ask('UIDA', `show ${key}`, 'C24'))).toContain(evil.slice(0, 30))
  for (const message of slack.state.messages.filter(({ user }) => user === slack.bot))
    expect({ text: message.text, markup: markup(message) }).toEqual({ text: message.text, markup: [] })
})
