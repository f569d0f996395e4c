import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Json } from '../support/teams-stand-in.ts'
import { finn, gus, ida, incidents, startTeamsWorld, vic, type World } from './world.ts'

let world: World
let teams: World['teams']
beforeAll(async () => {
  world = await startTeamsWorld()
  teams = world.teams
})
afterAll(() => world.close())

const adaptive = 'application/vnd.microsoft.card.adaptive'
const message = 'application/vnd.microsoft.activity.message'

const found = (sent: { body: unknown }) =>
  (sent.body as { composeExtension: { attachments: { content: Json; preview: { content: Json } }[] } })
    .composeExtension.attachments

/** Declares an incident and resolves to its card, as the composer inserts it. */
const declared = async (title: string): Promise<Json> => {
  const opened = await teams.as(ida).fetchTask({ action: { type: 'form', form: 'create_incident' } })
  await teams.as(ida).submitTask(formOf(opened), { title })
  return found(await teams.as(ida).query(title))[0]!.content
}
const keyOf = (card: Json) => /INC-\d+/.exec(teams.textOf(card))![0]
const auditOf = (key: string, operation: string) =>
  world.tocsin.sql(
    "select 1 from audit a join incidents i on i.id = a.incident_id where i.key = $1 and a.operation = $2 and a.outcome = 'done'",
    [key, operation],
  )
const taskOf = (sent: { body: unknown }) =>
  (sent.body as { task: { type: string; value: Json & string } }).task
const formOf = (sent: { body: unknown }) =>
  ((taskOf(sent).value as Json).card as { contentType: string; content: Json & { body: Json[] } }).content

describe('a button', () => {
  test('pressed twice at once acts once, and shows the card both times', async () => {
    const card = await declared('Twice pressed')
    const both = await Promise.all([
      teams.as(ida).click(card, 'Acknowledge'),
      teams.as(ida).click(card, 'Acknowledge'),
    ])
    for (const { body } of both) {
      expect(body).toMatchObject({ statusCode: 200, type: adaptive })
      expect(teams.textOf(body as Json)).toContain('Status: IN_PROGRESS')
    }
    expect(await auditOf(keyOf(card), 'acknowledge')).toHaveLength(1)
  })

  test('whose invoke is delivered twice acts once', async () => {
    const card = await declared('Twice delivered')
    const first = await teams.as(ida).click(card, 'Acknowledge')
    const kept = await world.stored()
    const again = await teams.send(first.activity)
    expect(again.body).toMatchObject({ statusCode: 200, type: adaptive })
    expect(teams.textOf(again.body as Json)).toContain('Status: IN_PROGRESS')
    expect(await world.stored()).toBe(kept)
    expect(await auditOf(keyOf(card), 'acknowledge')).toHaveLength(1)
  })

  test('of an old card shows how it stands now, and changes nothing', async () => {
    const card = await declared('Gone stale')
    const key = keyOf(card)
    const old = card
    await teams.as(ida).click(card, 'Acknowledge')
    await teams.answerTo(await teams.as(ida).say(`resolve ${key}`))
    const pressed = await teams.as(ida).click(old, 'Acknowledge')
    expect(pressed.body).toMatchObject({ statusCode: 200, type: adaptive })
    expect(teams.textOf(pressed.body as Json)).toContain('Status: RESOLVED')
    expect((await world.incident(key))?.status).toBe('RESOLVED')
    expect(await auditOf(key, 'acknowledge')).toHaveLength(1)
  })

  test('of a guest, or with a forged sender in its data, is nobody else’s', async () => {
    const card = await declared('Somebody else')
    const guest = await teams.as(gus).click(card, 'Acknowledge')
    expect(guest.body).toMatchObject({ type: message, value: expect.stringContaining('Guests') as string })
    const forged = await teams.as(vic).click(card, 'Acknowledge', { user: ida, from: { aadObjectId: ida } })
    expect(forged.body).toMatchObject({ type: message })
    expect((await world.incident(keyOf(card)))?.status).toBe('OPEN')
    const denied = await world.tocsin.sql(
      "select 1 from audit where outcome = 'denied' and subject like $1",
      [`acknowledge%${keyOf(card)}%`],
    )
    expect(denied).toHaveLength(1)
  })

  test('of an operation that there is not, or with wrong input, is refused in words', async () => {
    const press = (action: unknown) =>
      teams.as(ida).invoke('adaptiveCard/action', {
        action: { type: 'Action.Execute', verb: 'x', data: { action } },
        trigger: 'manual',
      })
    const unknown = await press({ type: 'perform', operation: 'drop_tables', input: {} })
    expect(unknown.body).toMatchObject({
      type: message,
      value: expect.stringContaining('older version') as string,
    })
    const wrong = await press({ type: 'perform', operation: 'acknowledge', input: { incident: { a: 1 } } })
    expect(wrong.body).toMatchObject({ type: message })
    const none = await press({ type: 'perform', operation: 'acknowledge', input: { incident: 'INC-999' } })
    expect(none.body).toMatchObject({ type: message, value: expect.stringContaining('INC-999') as string })
  })

  test('that only shows something sends it to the asker’s own chat', async () => {
    const card = await declared('Just looking')
    const key = keyOf(card)
    const pressed = await teams.as(finn).invoke(
      'adaptiveCard/action',
      {
        action: {
          type: 'Action.Execute',
          verb: 'view_audit',
          data: { action: { type: 'perform', operation: 'view_incident_details', input: { incident: key } } },
        },
      },
      { channel: incidents },
    )
    expect(pressed.body).toMatchObject({
      type: message,
      value: expect.stringContaining('your own chat') as string,
    })
    await teams.waitFor(() => teams.direct(finn).find((each) => teams.textOf(each).includes(key)))
  })
})

describe('a refresh', () => {
  test('answers the viewer’s own card and changes nothing', async () => {
    const card = await declared('Looked at')
    const key = keyOf(card)
    const kept = await world.stored()
    const value = {
      action: {
        type: 'Action.Execute',
        verb: 'refresh',
        data: { action: { type: 'perform', operation: 'view_incident_details', input: { incident: key } } },
      },
      trigger: 'automatic',
    }
    const looked = await teams.as(finn).invoke('adaptiveCard/action', value, { channel: incidents })
    expect(looked.body).toMatchObject({ statusCode: 200, type: adaptive })
    expect(teams.textOf(looked.body as Json)).toContain(key)
    expect(await world.stored()).toBe(kept)
    expect((await world.incident(key))?.status).toBe('OPEN')
    const guest = await teams.as(gus).invoke('adaptiveCard/action', value, { channel: incidents })
    expect(guest.body).toMatchObject({ type: message })
  })

  test('never performs what its data name', async () => {
    const card = await declared('Not by looking')
    const value = {
      action: {
        type: 'Action.Execute',
        verb: 'refresh',
        data: { action: { type: 'perform', operation: 'acknowledge', input: { incident: keyOf(card) } } },
      },
    }
    expect((await teams.as(ida).invoke('adaptiveCard/action', value)).status).toBe(200)
    expect((await world.incident(keyOf(card)))?.status).toBe('OPEN')
  })
})

describe('a dialog', () => {
  test('is opened by a button, made for who opens it, and performs what it says', async () => {
    const card = await declared('To be updated')
    const key = keyOf(card)
    const opened = await teams.as(ida).click(card, 'Update')
    expect(taskOf(opened).type).toBe('continue')
    const kept = await teams.as(ida).submitTask(formOf(opened), { status: 'IN_PROGRESS', note: 'On it' })
    expect(kept.status).toBe(200)
    expect(kept.body).toBe('')
    expect((await world.incident(key))?.status).toBe('IN_PROGRESS')
  })

  test('that is wrong comes again as it was typed, with the error at its field', async () => {
    const opened = await teams.as(ida).fetchTask({ action: { type: 'form', form: 'create_incident' } })
    const wrong = await teams.as(ida).submitTask(formOf(opened), { title: ' ', description: 'Kept words' })
    expect(taskOf(wrong).type).toBe('continue')
    const { body } = formOf(wrong)
    const title = body.findIndex((each) => each.id === 'title')
    expect(JSON.stringify(body[title + 1])).toContain('Attention')
    expect(body.find((each) => each.id === 'description')?.value).toBe('Kept words')
    const right = await teams.as(ida).submitTask(formOf(opened), { title: 'From the dialog' })
    expect(right.body).toBe('')
    const [row] = await world.tocsin.sql("select 1 from incidents where title = 'From the dialog'")
    expect(row).toBeDefined()
  })

  test('delivered twice performs once', async () => {
    const opened = await teams.as(ida).fetchTask({ action: { type: 'form', form: 'create_incident' } })
    const sent = await teams.as(ida).submitTask(formOf(opened), { title: 'Once from a dialog' })
    await teams.send(sent.activity)
    const rows = await world.tocsin.sql("select 1 from incidents where title = 'Once from a dialog'")
    expect(rows).toHaveLength(1)
  })

  test('is not made for whoever may not use it', async () => {
    const card = await declared('Not for all')
    const opened = await teams.as(vic).click(card, 'Update')
    expect(taskOf(opened)).toMatchObject({
      type: 'message',
      value: expect.stringContaining('update_status') as string,
    })
    const guest = await teams.as(gus).click(card, 'Update')
    expect(taskOf(guest)).toMatchObject({
      type: 'message',
      value: expect.stringContaining('Guests') as string,
    })
  })

  test('of another operation than there are dialogs for is refused', async () => {
    const data = { form: { operation: 'set_administrator', hidden: {} }, person: 'vic@example.com' }
    const sent = await teams.as(ida).invoke('task/submit', { data })
    expect(taskOf(sent).type).toBe('message')
    expect(await auditOf('INC-001', 'set_administrator')).toHaveLength(0)
  })
})

describe('in the composer', () => {
  test('incidents are found by their words, as cards to insert', async () => {
    const card = await declared('Zebra crossing is closed')
    const hits = found(await teams.as(vic).query('zebra', { channel: '19:other@thread.tacv2' }))
    expect(hits).toHaveLength(1)
    expect(hits[0]!.preview.content.title).toContain(keyOf(card))
    expect(teams.textOf(hits[0]!.content)).toContain('Zebra crossing')
    expect(found(await teams.as(vic).query('nothing of the kind'))).toHaveLength(0)
  })

  test('the open ones are offered before anything is typed; a guest is offered nothing', async () => {
    expect(found(await teams.as(ida).query('')).length).toBeGreaterThan(0)
    expect(found(await teams.as(gus).query(''))).toHaveLength(0)
  })

  test('a message becomes an incident', async () => {
    const payload = {
      id: '1',
      body: { contentType: 'html', content: '<p>Mail&nbsp;is <b>stuck</b></p><p>Since ten</p>' },
    }
    const opened = await teams.as(ida).messageAction('declareFromMessage', payload, { channel: incidents })
    const content = formOf(opened)
    const title = content.body.find((each) => each.id === 'title')
    expect(title?.value).toBe('Mail is stuck')
    const data = {
      ...(content as unknown as { actions: { data: Json }[] }).actions[0]!.data,
      title: 'Mail is stuck',
    }
    const sent = await teams.as(ida).submitAction('declareFromMessage', data, { channel: incidents })
    expect(sent.status).toBe(200)
    const rows = await world.tocsin.sql("select 1 from incidents where title = 'Mail is stuck'")
    expect(rows).toHaveLength(1)
  })

  test('a message becomes a note on an incident, with whose words it is', async () => {
    const card = await declared('Needs a note')
    const key = keyOf(card)
    const payload = {
      id: '1',
      from: { user: { displayName: 'Olga Brandt' } },
      body: { contentType: 'html', content: '<p>Disk is&nbsp;full</p>' },
    }
    const opened = await teams.as(ida).messageAction('addToTimeline', payload, { channel: incidents })
    const content = formOf(opened)
    expect(content.body.find((each) => each.id === 'text')?.value).toBe('Olga Brandt: Disk is full')
    const { data } = (content as unknown as { actions: { data: Json }[] }).actions[0]!
    const without = await teams.as(ida).submitAction('addToTimeline', { ...data, text: 'Disk is full' })
    expect(taskOf(without).type).toBe('continue')
    const sent = await teams.as(ida).submitAction('addToTimeline', {
      ...data,
      incident: key,
      text: 'Olga Brandt: Disk is full',
    })
    expect(sent.body).toBe('')
    expect(await auditOf(key, 'comment')).toHaveLength(1)
    const guest = await teams.as(gus).messageAction('addToTimeline', payload)
    expect(taskOf(guest).type).toBe('message')
    expect((await teams.as(ida).messageAction('novel', payload)).status).toBe(400)
  })
})
