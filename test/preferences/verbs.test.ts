import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Story, startStory } from '../schedules/support.ts'
import { exampleCorp } from '../support/app.ts'

const configuration = `${exampleCorp.replace(
  'rank: oncall_engineer, teams: [payments] }',
  'rank: oncall_engineer, teams: [payments], phone: "+441632960000", time_zone: Europe/London }',
)}
preferences:
  high: [{ route: chat, after: 0s }, { route: email, after: 5m }]
  quiet_hours: { from: "23:00", to: "06:00" }
`

let story: Story
beforeAll(async () => {
  story = await startStory('2026-01-06T12:00Z', { configuration })
  for (const user of ['UIDA', 'UIVO', 'UADA']) await story.ask(user, 'whoami')
})
afterAll(() => story.stop())
const ask: Story['ask'] = (...args) => story.ask(...args)
const stored = async (name: string) =>
  (
    await story.sql<{ high: unknown; low: unknown; quiet_hours: unknown }>(
      `select f.high, f.low, f.quiet_hours from preferences f join people p on p.id = f.person_id where p.name = $1`,
      [name],
    )
  )[0]

test('preferences alone shows mine, whose word each is, and what does not work and why', async () => {
  const shown = await ask('UIVO', 'preferences')
  expect(shown).toContain('chat at once, email after 5m (the organisation’s)')
  expect(shown).toContain('chat at once (default)')
  expect(shown).toContain('23:00 to 06:00, never for P1 pages (the organisation’s)')
  expect(shown).toContain('high: email does not work: e-mail is not set up here')
  expect(shown).toContain('Telephone')
  expect(shown).not.toContain('+44')
})

test('what is typed is the whole list, and the answer says so', async () => {
  const answer = await ask('UIVO', 'preferences high sms 1m')
  expect(answer).toContain('Set: high sms 1m')
  expect(answer).toContain('high is sms after 1m and nothing else')
  expect(answer).toContain('sms does not work: no telephone number')
  expect(answer).toContain('nothing is left of it, so I try chat at once')
  await ask('UIVO', 'preferences high chat 0s, slack 30s; sms 1m email 2m')
  expect((await stored('Ivo Lang'))!.high).toEqual([
    { route: 'chat', afterSeconds: 0 },
    { route: 'slack', afterSeconds: 30 },
    { route: 'sms', afterSeconds: 60 },
    { route: 'email', afterSeconds: 120 },
  ])
  expect(await ask('UIVO', 'preferences low email 0s')).toContain('low is email at once and nothing else')
  expect(await ask('UIVO', 'preferences high default')).toContain('(the organisation’s)')
  expect(await stored('Ivo Lang')).toMatchObject({
    high: null,
    low: [{ route: 'email', afterSeconds: 0 }],
  })
})

test.each([
  [
    'preferences high pigeon 1m',
    'There is no route pigeon: there are chat, slack, teams, console, email, sms',
  ],
  ['preferences high 1m', '1m stands behind no route'],
  ['preferences high sms 1m 2m', '2m stands behind no route'],
  ['preferences high sms 2d', 'one day at most'],
  ['preferences high sms 1m, sms 2m', 'sms is there twice'],
  ['preferences quiet 25:00-07:00', 'Quiet hours must be such as 22:00-07:00'],
  ['preferences phone 0123', 'A telephone number must be such as +441632960000'],
  ['preferences zone Mars/Olympus', 'A time zone must be such as Europe/London'],
])('%s is refused', async (line, why) => {
  const before = await stored('Ivo Lang')
  expect(await ask('UIVO', line)).toContain(why)
  expect(await stored('Ivo Lang')).toEqual(before)
})

test('quiet hours are set, switched off, and given back to the organisation', async () => {
  expect(await ask('UIVO', 'preferences quiet 22:00-7:30')).toContain('22:00 to 07:30')
  expect(await ask('UIVO', 'preferences quiet off')).toMatch(/Quiet hours\W+none/)
  expect(await ask('UIVO', 'preferences quiet default')).toContain('23:00 to 06:00')
})

test('telephone and time zone are one’s own to set, unless the file has them', async () => {
  expect(await ask('UIVO', 'preferences phone +44 (1632) 960-123')).toContain('telephone ends in 123')
  await ask('UIVO', 'preferences zone Asia/Kathmandu')
  const [ivo] = await story.sql(`select phone, time_zone from people where name = 'Ivo Lang'`)
  expect(ivo).toEqual({ phone: '+441632960123', time_zone: 'Asia/Kathmandu' })
  expect(await ask('UIVO', 'preferences phone none')).toContain('telephone none')
  expect(await ask('UIDA', 'preferences phone +441632960999')).toContain('the configuration file sets it')
  expect(await ask('UIDA', 'preferences zone UTC')).toContain('the configuration file sets it')
  const audit = await story.sql<{ new: object }>(`select new from audit where operation = 'set_phone'`)
  expect(JSON.stringify(audit)).not.toContain('960123')
})

test('administrators set somebody else’s, who is told; nobody else does', async () => {
  expect(await ask('UIDA', 'preferences for Ivo Lang low chat 0s')).toContain(
    'Nothing was set: that needs manage_people',
  )
  expect(await ask('UIDA', 'preferences for Ivo Lang')).toContain('that needs manage_people')
  expect(await ask('UIVO', 'preferences for me low chat 5s')).toContain('low is chat after 5s')
  const answer = await ask('UADA', 'preferences for <@UIVO> low chat 0s')
  expect(answer).toContain('How Ivo Lang is told')
  await story.slack.waitFor(() =>
    story.told('UIVO').includes('Ada Admin changed how you are told: low chat 0s'),
  )
  expect((await stored('Ivo Lang'))!.low).toEqual([{ route: 'chat', afterSeconds: 0 }])
  const [row] = await story.sql(
    `select actor, subject, old, new from audit where operation = 'set_preferences' order by at desc limit 1`,
  )
  expect(row).toMatchObject({
    actor: 'Ada Admin',
    subject: 'Ivo Lang',
    old: { low: 'chat 5s' },
    new: { low: 'chat 0s' },
  })
})

test('a dialog sets what was changed in it, and says at its field what is wrong', async () => {
  const { slack } = story
  const sent = await slack.as('UOLGA').command('preferences', { channel: 'C0GENERAL' })
  await slack.as('UOLGA').click(await slack.answerTo(sent), 'Change')
  const view = await slack.waitFor(() => slack.modals('UOLGA')[0], { what: 'the dialog' })
  await slack.as('UOLGA').submit(view, { 'High: pages': 'chat 0s, pigeon 1m', Telephone: '+441632960777' })
  expect(view.errors).toEqual({ high: expect.stringContaining('There is no route pigeon') })
  expect(await stored('Olga Brandt')).toBeUndefined()
  await slack.as('UOLGA').submit(view, { 'Quiet hours': '21:00-08:00', Telephone: '+441632960777' })
  expect(slack.modals('UOLGA')).toEqual([])
  await story.settled()
  // What stood there because it is the default has not become her own.
  expect(await stored('Olga Brandt')).toEqual({
    high: null,
    low: null,
    quiet_hours: { from: '21:00', to: '08:00' },
  })
  const [olga] = await story.sql(`select phone from people where name = 'Olga Brandt'`)
  expect(olga).toEqual({ phone: '+441632960777' })
})
