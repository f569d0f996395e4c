import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { be, card, type OpenConsole, openConsole, toChannel, workspace } from './support.ts'

let open: OpenConsole
beforeEach(async () => {
  open = await openConsole()
})
afterEach(() => open.close())

const general = toChannel('general')
const cardOf = (summary: string) => ({ type: 'card', card: card(summary) }) as const

describe('what is delivered', () => {
  test('a private answer is heard and seen by its one person alone', async () => {
    const [ida, finn] = [await be(open.url, 'ida'), await be(open.url, 'finn')]
    const [idaPage, finnPage] = [await ida.listen(), await finn.listen()]
    const only = { channel: 'general', user: 'ida' }
    await open.deliver({ route: { type: 'ephemeral', ...only }, content: cardOf('costs 25,000') })
    await open.deliver({ route: { type: 'response', url: '-', ...only }, content: cardOf('costs 8,400') })
    await open.deliver({ route: { type: 'person', user: 'ida' }, content: cardOf('a page') })
    await open.deliver({ route: general, content: cardOf('for all') })
    await expect.poll(() => finnPage.messages().length).toBe(1)
    await expect.poll(() => idaPage.messages().length).toBe(4)
    expect(finnPage.messages()[0]).toMatchObject({ summary: 'for all', private: false })
    expect(idaPage.messages().map((view) => view.private)).toEqual([true, true, false, false])
    expect((await finn.messages('general')).map((view) => view.summary)).toEqual(['for all'])
    expect(JSON.stringify(finnPage.heard)).not.toContain('costs')
    await Promise.all([idaPage.stop(), finnPage.stop()])
  })

  test('a delivery that comes twice stands once', async () => {
    const ida = await be(open.url, 'ida')
    const delivery = { id: crypto.randomUUID(), route: general, content: cardOf('once') }
    const [first, second] = [
      await open.deliver(delivery),
      await open.deliver({ ...delivery, uncertain: true }),
    ]
    expect(second).toEqual(first)
    expect(first).toMatchObject({ ok: true, receipt: { channel: 'general', message: delivery.id } })
    expect(await ida.messages('general')).toHaveLength(1)
  })

  test('an update changes the message where it stands', async () => {
    const ida = await be(open.url, 'ida')
    const first = await open.deliver({ route: general, content: cardOf('OPEN') })
    await open.deliver({ route: general, content: cardOf('another') })
    const message = first.ok ? first.receipt! : expect.unreachable()
    const page = await ida.listen()
    await open.deliver({ route: general, content: { type: 'update', message, card: card('CLOSED') } })
    await expect.poll(() => page.messages()).toMatchObject([{ id: message.message, summary: 'CLOSED' }])
    const views = await ida.messages('general')
    expect(views.map((view) => view.summary)).toEqual(['CLOSED', 'another'])
    expect(views[0]?.edited).toBeTypeOf('string')
    await page.stop()
  })

  test('a channel of an incident’s own is refused for good: the console has those it was started with', async () => {
    const content = {
      type: 'open_channel',
      name: 'inc-001',
      topic: 'INC-001',
      users: [] as string[],
    } as const
    expect(await open.deliver({ route: toChannel('#inc-001'), content })).toEqual({
      ok: false,
      retry: false,
      reason: 'the console opens no channels',
    })
  })

  test('what is gone is told apart', async () => {
    const message = { channel: 'general', message: 'nothing' }
    const update = { type: 'update', message, card: card('x') } as const
    expect(await open.deliver({ route: general, content: update })).toMatchObject({
      retry: false,
      gone: 'message',
    })
    expect(await open.deliver({ route: toChannel('none'), content: cardOf('x') })).toMatchObject({
      retry: false,
      gone: 'channel',
    })
    expect(
      await open.deliver({ route: { type: 'person', user: 'nobody' }, content: cardOf('x') }),
    ).toMatchObject({ gone: 'channel' })
  })

  test('messages and their updates stand after a restart, a torn last line notwithstanding', async () => {
    const { dataDir } = open
    const first = await open.deliver({ route: general, content: cardOf('OPEN') })
    const message = first.ok ? first.receipt! : expect.unreachable()
    await open.deliver({ route: general, content: { type: 'update', message, card: card('CLOSED') } })
    await (await be(open.url, 'ida')).say('general', 'on it')
    await open.close()
    const file = join(dataDir, 'console.jsonl')
    await writeFile(file, `${await readFile(file, 'utf8')}{"id":"torn","chan`)
    open = await openConsole({ dataDir })
    const views = await (await be(open.url, 'ida')).messages('general')
    expect(views.map((view) => view.summary ?? view.text)).toEqual(['CLOSED', 'on it'])
    expect((await readFile(file, 'utf8')).trim().split('\n')).toHaveLength(2)
  })

  test('a channel keeps its last 500 messages', async () => {
    for (let count = 1; count <= 503; count += 1)
      await open.deliver({ route: general, content: cardOf(`message ${count}`) })
    const views = await (await be(open.url, 'ida')).messages('general')
    expect(views).toHaveLength(500)
    expect(views[0]?.summary).toBe('message 4')
  })

  test('a page that was away hears what it missed, and begins anew after a restart', async () => {
    const ida = await be(open.url, 'ida')
    const page = await ida.listen()
    await expect.poll(() => page.heard.at(-1)?.event).toBe('hello')
    const seen = page.heard.at(-1)!.id!
    await page.stop()
    await open.deliver({ route: general, content: cardOf('missed') })
    await open.deliver({
      route: { type: 'ephemeral', channel: 'general', user: 'finn' },
      content: cardOf('not mine'),
    })
    const again = await ida.listen('', { 'Last-Event-ID': seen })
    await expect.poll(() => again.heard.map(({ event }) => event)).toEqual(['message', 'hello'])
    expect(again.messages()[0]?.summary).toBe('missed')
    await again.stop()
    const stale = await ida.listen('', { 'Last-Event-ID': 'another-7' })
    await expect.poll(() => stale.heard[0]?.event).toBe('reset')
    await stale.stop()
  })

  test('a form opens at the page that asked, and nowhere when that person has none', async () => {
    const ida = await be(open.url, 'ida')
    const form = { operation: 'declare', title: 'Declare', submit: 'Declare', fields: [] }
    const route = { type: 'ephemeral', channel: 'general', user: 'ida' } as const
    const content = { type: 'form', trigger: 'ida:p1', form } as const
    expect(await open.deliver({ route, content })).toMatchObject({ ok: false, retry: false, gone: 'trigger' })
    const finnPage = await (await be(open.url, 'finn')).listen()
    const page = await ida.listen()
    await expect.poll(() => page.heard.length).toBe(1)
    expect(await open.deliver({ route, content })).toEqual({ ok: true })
    await expect
      .poll(() => page.heard.at(-1))
      .toMatchObject({ event: 'form', data: { form: { title: 'Declare' } } })
    expect(finnPage.heard.map(({ event }) => event)).not.toContain('form')
    await Promise.all([page.stop(), finnPage.stop()])
  })

  test('an answer grows in its own conversation alone and becomes its card', async () => {
    const [ida, finn] = [await be(open.url, 'ida'), await be(open.url, 'finn')]
    const [page, finnPage] = [await ida.listen(), await finn.listen()]
    const { platform } = open.adapter
    expect(await platform.stream!(workspace, { channel: 'general', user: 'ida' })).toBeUndefined()
    const answer = await platform.stream!(workspace, { channel: 'direct:ida', user: 'ida' })
    answer!.append('Two are ')
    answer!.append('open')
    await expect
      .poll(() => page.heard.at(-1))
      .toMatchObject({ event: 'draft', data: { text: 'Two are open' } })
    const receipt = await answer!.finish(card('Two are open.'))
    await expect
      .poll(() => page.messages())
      .toMatchObject([{ id: receipt!.message, summary: 'Two are open.' }])
    expect(finnPage.heard.filter(({ event }) => event !== 'hello')).toEqual([])
    await Promise.all([page.stop(), finnPage.stop()])
  })

  test('a mention is an at sign and a name', async () => {
    const text = [
      'Ask ',
      { type: 'person', id: 'p1', name: 'Ida Torres', ping: true },
      ' at ',
      '<at>Finn</at>',
    ] as const
    await open.deliver({
      route: general,
      mentions: { p1: 'ida' },
      content: { type: 'card', card: { summary: 'Ask', blocks: [{ type: 'text', text: [...text] }] } },
    })
    const shown = JSON.stringify(await (await be(open.url, 'ida')).messages('general'))
    expect(shown).toContain('@Ida Torres')
    expect(shown).not.toContain('<at>Ida')
  })

  test('people of the console are members, others unknown', async () => {
    const { platform } = open.adapter
    expect(await platform.profile(workspace, 'ida')).toEqual({
      user: 'ida',
      name: 'Ida Torres',
      kind: 'member',
    })
    expect(await platform.profile(workspace, 'eve')).toMatchObject({ kind: 'unknown' })
  })
})
