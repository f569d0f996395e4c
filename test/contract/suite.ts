/** What every platform must do alike: one list of cases, run against each. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Driver, markup, type Room, type Shown } from './driver.ts'

/** Until a verb records them. */
const costsOf = (driver: Driver, key: string) =>
  driver.tocsin.sql(
    `insert into spendings (org_id, id, incident_id, kind, amount, what, recorded_by)
      select i.org_id, gen_random_uuid(), i.id, 'direct', 25000, 'replicas', p.id
      from incidents i join people p on p.org_id = i.org_id and p.name = 'Finn Weber' where i.key = $1`,
    [key],
  )

export const contract = (platform: string, start: () => Promise<Driver>) =>
  describe(`in ${platform}`, () => {
    let driver: Driver
    beforeAll(async () => {
      driver = await start()
    })
    afterAll(() => driver?.close())

    const wait = <T>(look: () => Promise<T | undefined>, what: string, timeoutMs = 10_000) =>
      driver.tocsin.slack.waitFor(look, { what, timeoutMs })
    const says = (what: string) => (message: Shown) => message.text.includes(what)
    const told = (who: Parameters<Driver['alone']>[0], what: string) =>
      wait(async () => (await driver.alone(who)).find(says(what)), `"${what}" for ${who}`)
    const heard = (room: Room, what: string) =>
      wait(async () => (await driver.shown(room)).find(says(what)), `"${what}" in ${room}`)
    const words = async (room: Room) => (await driver.shown(room)).map(({ text }) => text).join('\n')

    /** Below it stand lines that also name the incident, but begin with its key. */
    const isCard = ({ text }: Shown) => /^\S+ INC-\d+ /.test(text) && text.includes('Status: ')
    const card = (what: string, room: Room = 'incidents') =>
      wait(
        async () => (await driver.shown(room)).find((each) => isCard(each) && says(what)(each)),
        `the card of ${what} in ${room}`,
      )
    const declared = async (title: string, room?: Room) => {
      await driver.say('ida', `declare ${title}`, room)
      const shown = await card(title)
      return { key: /INC-\d+/.exec(shown.text)![0], shown }
    }
    const done = async (key: string, operation: string) =>
      (
        await driver.tocsin.sql(
          `select 1 from audit a join incidents i on i.id = a.incident_id
           where i.key = $1 and a.operation = $2 and a.outcome = 'done'`,
          [key, operation],
        )
      ).length
    const statusOf = async (key: string) =>
      (await driver.tocsin.sql<{ status: string }>('select status from incidents where key = $1', [key]))[0]!
        .status

    /** Nothing that somebody asked is still on its way; what channels hear is paced, and takes longer. */
    const answered = () =>
      wait(async () => {
        const [row] = await driver.tocsin.sql<{ waiting: number }>(`select
          (select count(*) from inbox where state = 'queued')::int +
          (select count(*) from deliveries
            where state in ('queued', 'sending') and notification->>'type' = 'answer')::int as waiting`)
        return row!.waiting === 0
      }, 'all answers')

    const refused = () =>
      driver.tocsin.sql<{ channel: string }>(
        "select notification->'route'->>'channel' as channel from deliveries where state = 'dead'",
      )

    test('an incident is declared, answered with its key, and shown with its buttons', async () => {
      const { key, shown } = await declared('Checkout is down')
      await told('ida', `${key} declared by Ida Torres`)
      expect(shown.text).toContain('Status: OPEN   Priority: P3')
      expect(shown.buttons[0]).toBe('Acknowledge')
      expect(shown.buttons).toContain('Resolve')
    })

    test('one declared in a channel is shown there too', async () => {
      const { key } = await declared('Carts are empty', 'general')
      expect((await card(key, 'general')).text).toContain('Carts are empty')
    })

    test('who may not acknowledge is told so alone, with who can, and nothing changes', async () => {
      const { key, shown } = await declared('Search is slow')
      const { text } = await driver.press('vic', shown, 'Acknowledge')
      expect(text).toContain(`${key} was not acknowledged: that needs acknowledge.`)
      expect(text).toContain('Ida Torres')
      await answered()
      expect(await statusOf(key)).toBe('OPEN')
      expect((await card(key)).text).toContain('Status: OPEN')
      expect(await words('incidents')).not.toContain('that needs')
    })

    test('a figure for finance asked in an ordinary channel goes to the asker alone', async () => {
      const { key } = await declared('Payments are refused')
      await costsOf(driver, key)
      await driver.say('finn', `show ${key}`, 'general')
      await heard('general', 'Answered Finn Weber privately.')
      expect((await told('finn', '25,000.00 USD')).text).toContain('Payments are refused')
      await answered()
      for (const room of ['general', 'incidents'] as const) expect(await words(room)).not.toContain('25,000')
    })

    test('of two who acknowledge the same card the second hears who was first', async () => {
      const { key, shown } = await declared('Mails are late')
      await driver.press('ida', shown, 'Acknowledge')
      const late = await driver.press('lena', shown, 'Acknowledge')
      expect(late.text).toContain(key)
      expect(late.text).toContain('acknowledged by Ida Torres')
      expect(await done(key, 'acknowledge')).toBe(1)
    })

    test('a click that is delivered twice acts once', async () => {
      const { key, shown } = await declared('Lift is stuck')
      const { again } = await driver.press('ida', shown, 'Escalate')
      await again()
      await again()
      await answered()
      expect(await done(key, 'escalate')).toBe(1)
    })

    test('a posted card follows its incident wherever it stands', async () => {
      const { key, shown } = await declared('Pages are slow', 'general')
      await card(key, 'general')
      await driver.press('lena', shown, 'Acknowledge')
      for (const room of ['incidents', 'general'] as const) {
        const now = await wait(
          async () =>
            (await driver.shown(room)).find(
              (each) => isCard(each) && says(key)(each) && says('Status: IN_PROGRESS')(each),
            ),
          `the card of ${key} in progress in ${room}`,
        )
        expect(now.buttons).not.toContain('Acknowledge')
        const cards = (await driver.shown(room)).filter((each) => isCard(each) && says(key)(each))
        expect(cards).toHaveLength(1)
      }
    })

    test('long words are kept whole, and shown whole or marked as shortened', async () => {
      const { key } = await declared('Backups are missing')
      for (let count = 1; count <= 8; count += 1) {
        const begins = `part ${count} of the log. `
        await driver.say(
          count % 2 ? 'ida' : 'lena',
          `note ${key} ${begins}${'x'.repeat(3_990 - begins.length)} the end`,
        )
      }
      await wait(async () => (await done(key, 'comment')) === 8, 'all notes')
      await driver.tocsin.sql('update incidents set description = $2 where key = $1', [
        key,
        `It began so. ${'y'.repeat(3_970)} the last word`,
      ])
      await driver.say('vic', `timeline ${key}`)
      const timeline = await told('vic', `Timeline of ${key}`)
      for (let count = 1; count <= 8; count += 1) expect(timeline.text).toContain(`part ${count} of the log`)
      expect(timeline.text).toContain('(shortened)')
      await driver.say('vic', `show ${key}`)
      const { text } = await told('vic', 'It began so.')
      expect(text).toMatch(new RegExp(`the last word|Shortened\\. The whole: show ${key}`))
      expect(text).toContain('Status: OPEN')
      const [row] = await driver.tocsin.sql<{ whole: number }>(
        `select count(*)::int as whole from comments c join incidents i on i.id = c.incident_id
         where i.key = $1 and length(c.body) >= 3990 and c.body like '%the end'`,
        [key],
      )
      expect(row!.whole).toBe(8)
      expect(await refused()).toEqual([])
    })

    test("markup in people's words arrives as plain words", async () => {
      const { key, shown } = await declared(`Odd words ${markup}`.slice(0, 200))
      await driver.say('ida', `note ${key} noted: ${markup}`)
      const note = await heard('incidents', 'noted: ')
      for (const { text, live } of [shown, note]) {
        expect(text).toContain(markup)
        expect(live).toEqual([])
      }
    })

    test('while the platform is down or slows us down nothing is lost, and its order is kept', async () => {
      const { key } = await declared('Nothing gets through')
      const steps = [
        { how: 'unavailable', verb: 'ack', status: 'IN_PROGRESS', line: `${key} acknowledged by` },
        { how: 'unavailable', verb: 'resolve', status: 'RESOLVED', line: `${key} is RESOLVED` },
        { how: 'throttled', verb: 'close', status: 'CLOSED', line: `${key} is CLOSED` },
      ] as const
      for (const { how, verb, status } of steps) {
        driver.fail(how)
        await driver.say('ida', `${verb} ${key}`)
        await wait(async () => (await statusOf(key)) === status, status)
      }
      await new Promise((resolve) => setTimeout(resolve, 500))
      for (const { line } of steps) expect(await words('incidents')).not.toContain(line)
      await driver.recover()
      for (const { line } of steps) await heard('incidents', line)
      const order = (await driver.shown('incidents')).flatMap(({ text }) =>
        steps.filter(({ line }) => text.startsWith(line)).map(({ status }) => status),
      )
      expect(order).toEqual(['IN_PROGRESS', 'RESOLVED', 'CLOSED'])
      await wait(async () => (await card(key)).text.includes('Status: CLOSED'), 'the card to follow')
    })

    test('a channel that is gone for good stops no other', async () => {
      const { key } = await declared('Half of it is gone', 'doomed')
      await card(key, 'doomed')
      await driver.takeAway()
      await driver.say('lena', `ack ${key}`)
      await heard('incidents', `${key} acknowledged by Lena Lead`)
      await wait(async () => (await card(key)).text.includes('Status: IN_PROGRESS'), 'the card to follow')
      await wait(async () => (await refused()).length > 0, 'what could not be delivered')
      expect(new Set((await refused()).map(({ channel }) => channel)).size).toBe(1)
    })
  })
