import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Story, startStory } from './support.ts'

let story: Story
beforeAll(async () => {
  story = await startStory('2026-01-06T12:00Z', { env: { PUBLIC_URL: 'https://tocsin.example.com' } })
})
afterAll(() => story.stop())

const linkForm = /https:\/\/tocsin\.example\.com(\/calendars\/[\w-]{43}\.ics)/g
/** The newest link that this person was given in their own conversation. */
const lastLink = async (user: string, text: string): Promise<string> => {
  const before = [...story.told(user).matchAll(linkForm)].length
  expect(await story.ask(user, text)).not.toMatch(/calendars\//)
  await story.slack.waitFor(() => [...story.told(user).matchAll(linkForm)].length > before)
  return [...story.told(user).matchAll(linkForm)].at(-1)![1]!
}
const get = (path: string, headers: Record<string, string> = {}) => fetch(`${story.url}${path}`, { headers })
const unfolded = (text: string) => text.replaceAll(/\r\n[ \t]/g, '')

test('the link goes to the asker’s own conversation, and shows the schedule’s shifts without addresses', async () => {
  const path = await lastLink('UIDA', 'schedules calendar payments-primary')
  const answer = await get(path)
  expect(answer.status).toBe(200)
  expect(answer.headers.get('content-type')).toBe('text/calendar; charset=utf-8')
  expect(answer.headers.get('cache-control')).toMatch(/^private/)
  const text = unfolded(await answer.text())
  expect(text).toMatch(/^BEGIN:VCALENDAR\r\n/)
  expect(text).toContain('DTSTART:20260112T090000Z\r\nDTEND:20260119T090000Z')
  expect(text).toContain('SUMMARY:Ivo Lang is on call for payments-primary')
  expect(text).toContain('DTSTART:20260105T090000Z')
  expect(text).not.toContain('@example.com')
  // The clock of the zone changes on 29 March: a hand-off at 09:00 there is 08:00Z then.
  expect(text).toContain('DTSTART:20260330T080000Z')
  expect(text).not.toContain('DTSTART:20260413')
})

test('one’s own shifts of every schedule', async () => {
  const text = unfolded(await (await get(await lastLink('UIVO', 'schedules calendar me'))).text())
  expect(text).toContain('SUMMARY:On call for payments-primary')
  expect(text).toContain('SUMMARY:On call for database')
  expect(text).toContain('DTSTART:20260112T090000Z')
  expect(text).not.toContain('DTSTART:20260105T090000Z')
  expect(text).not.toContain('Ida')
})

test('what has not changed is not sent again', async () => {
  const path = await lastLink('UIDA', 'schedules calendar payments-primary')
  const etag = (await get(path)).headers.get('etag')!
  expect((await get(path, { 'if-none-match': etag })).status).toBe(304)
  await story.ask('UIVO', 'schedules cover payments 2026-01-07T18:00 2026-01-07T22:00')
  expect((await get(path, { 'if-none-match': etag })).status).toBe(200)
})

test('asking anew ends the link before; a wrong token is not found', async () => {
  const first = await lastLink('UIDA', 'schedules calendar payments-primary')
  const own = await lastLink('UIDA', 'schedules calendar me')
  const second = await lastLink('UIDA', 'schedules calendar payments-primary')
  expect((await get(first)).status).toBe(404)
  expect((await get(second)).status).toBe(200)
  expect((await get(own)).status).toBe(200)
  const wrong = `/calendars/${'A'.repeat(43)}.ics`
  for (const path of [wrong, '/calendars/x.ics', '/calendars/%00.ics', second.replace('.ics', '')]) {
    expect((await get(path)).status).toBe(404)
  }
})

test('a link ends with its owner’s access, and is stored nowhere', async () => {
  const path = await lastLink('UMAYA', 'schedules calendar payments-primary')
  const token = /calendars\/(.*)\.ics/.exec(path)![1]!
  await story.sql(`update people set active = false where name = 'Maya Okafor'`)
  expect((await get(path)).status).toBe(404)
  const kept = await story.sql(`select encode(token_hash, 'escape') as hash from calendar_tokens`)
  expect(JSON.stringify(kept)).not.toContain(token)
  expect(JSON.stringify(await story.sql('select new, old, subject from audit'))).not.toContain(token)
})
