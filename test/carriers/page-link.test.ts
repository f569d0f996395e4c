import { describe, expect, test } from 'vitest'
import { enqueue } from '../../src/core/outbox.ts'
import { uuid } from '../../src/db/uuid.ts'
import { pageLinkFor } from '../../src/http/page-link.ts'
import { base, get, ida, incidentNow, paged, press, secret, woken, world } from './page-link-support.ts'

describe('opening the link', () => {
  test('shows what it is about and what can be pressed, and does nothing, however often', async () => {
    const { link, key } = await paged()
    const before = await incidentNow(key)
    for (const method of ['GET', 'HEAD', 'GET']) {
      const { status } = await get(link, method)
      expect(status).toBe(200)
    }
    const { text } = await get(link)
    expect(text).toContain(`${key} needs you: Checkout is down`)
    expect(text).toContain('Priority: <strong>P3</strong>')
    expect(text).toContain('>Acknowledge</button>')
    expect(await incidentNow(key)).toEqual(before)
    expect(woken).toBe(0)
  })

  test('gives a page that is kept nowhere, runs nothing and stands in no frame', async () => {
    const { link } = await paged()
    const { headers, text } = await get(link)
    expect(headers.get('cache-control')).toBe('no-store')
    expect(headers.get('referrer-policy')).toBe('no-referrer')
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    const csp = headers.get('content-security-policy')!
    expect(csp).toContain("default-src 'none'")
    expect(csp).toContain("frame-ancestors 'none'")
    expect(csp).not.toContain('script')
    expect(text).not.toContain('<script')
  })

  test('shows markup in titles and names as words', async () => {
    const { link } = await paged({ title: '<img src=x onerror=alert(1)> & "quotes"' })
    const { text } = await get(link)
    expect(text).not.toMatch(/<img|<b>/)
    expect(text).toContain('&lt;img src=x onerror=alert(1)&gt; &amp; &quot;quotes&quot;')
  })

  test('is 38 characters of token, which a text message has room for', async () => {
    const { link } = await paged()
    expect(link.split('/p/')[1]).toMatch(/^[\w-]{38}$/)
  })
})

describe('pressing Acknowledge', () => {
  test('acknowledges as the person who was paged, once, and then says who did and when', async () => {
    const { link, key } = await paged()
    const answer = await press(link, 'acknowledge')
    expect(answer.status).toBe(303)
    expect(new URL(answer.headers.get('location')!, link).href).toBe(link)
    const after = await incidentNow(key)
    expect(after).toMatchObject({ status: 'IN_PROGRESS', acknowledged_by: ida })
    expect(woken).toBe(1)

    const { status, text } = await get(link)
    expect(status).toBe(410)
    expect(text).toMatch(
      /Acknowledged by Ida &lt;b&gt;Torres&lt;\/b&gt; at \d\d:\d\d UTC|This link was used at/,
    )
    expect(text).toContain('Status: IN_PROGRESS')
    expect(text).not.toContain('<button')

    expect((await press(link, 'acknowledge')).status).toBe(410)
    expect(await incidentNow(key)).toEqual(after)
    const audit = (await world.audit()).filter(
      (row) => row.operation === 'acknowledge' && row.actor_id === ida,
    )
    expect(audit).toHaveLength(1)
    expect(audit[0]).toMatchObject({ surface: 'email', outcome: 'done' })
  })

  test('in a text message is told as such', async () => {
    const { link } = await paged({ carrier: 'sms' })
    await press(link, 'acknowledge')
    const audit = (await world.audit()).filter((row) => row.actor_id === ida)
    expect(audit.map(({ surface }) => surface)).toEqual(['sms'])
  })

  test('ten times at once takes effect once', async () => {
    const { link, key } = await paged()
    const answers = await Promise.all(Array.from({ length: 10 }, () => press(link, 'acknowledge')))
    expect(answers.filter(({ status }) => status === 303)).toHaveLength(1)
    expect(answers.every(({ status }) => [303, 409, 410].includes(status))).toBe(true)
    const audit = (await world.audit()).filter(
      (row) => row.operation === 'acknowledge' && row.actor_id === ida,
    )
    expect(audit).toHaveLength(1)
    expect((await incidentNow(key)).status).toBe('IN_PROGRESS')
  })

  test('does nothing for somebody who was deactivated, and tells them nothing', async () => {
    const { link, key } = await paged()
    await world.owner.updateTable('people').set({ active: false }).where('id', '=', ida).execute()
    for (const { status, text } of [await get(link), await press(link, 'acknowledge')]) {
      expect(status).toBe(410)
      expect(text).toContain('You have no access here any more')
      expect(text).not.toContain('Checkout')
    }
    expect((await incidentNow(key)).status).toBe('OPEN')
  })

  test('that is refused says why and leaves the link as it was', async () => {
    const { link, key } = await paged()
    await world.owner
      .updateTable('people')
      .set({ department: null, rank: 'viewer' })
      .where('id', '=', ida)
      .execute()
    const { status, text } = await press(link, 'acknowledge')
    expect(status).toBe(403)
    expect(text).toContain(`${key} was not acknowledged: that needs acknowledge.`)
    const { rows } = await world.within(async ({ tx }) => ({
      rows: await tx.selectFrom('deliveries').select('link_used_at').where('person_id', '=', ida).execute(),
    }))
    expect(rows).toEqual([{ link_used_at: null }])
  })
})

describe('pressing Escalate', () => {
  test('escalates as the person who was paged, once', async () => {
    const { link, key } = await paged()
    expect((await get(link)).text).toContain('>Escalate</button>')
    expect((await press(link, 'escalate')).status).toBe(303)
    expect((await press(link, 'escalate')).status).toBe(410)
    const audit = (await world.audit()).filter((row) => row.actor_id === ida && row.outcome === 'done')
    expect(audit.filter(({ operation }) => operation === 'escalate')).toHaveLength(1)
    expect((await incidentNow(key)).status).toBe('OPEN')
    expect((await get(link)).status).toBe(410)
  })
})

describe('a page by hand about no incident', () => {
  test('says who pages and what they wrote, and has Acknowledge alone', async () => {
    const sender = await world.person('Maya Okafor')
    const pageId = uuid()
    const link = await world.within(async ({ tx, orgId }) => {
      await tx
        .insertInto('pages')
        .values({
          org_id: orgId,
          id: pageId,
          incident_id: null,
          escalation_id: null,
          round: null,
          step: null,
          sender_id: sender,
          body: 'call me <now>',
          closed_at: null,
          closed_by: null,
          closed_as: null,
        })
        .execute()
      const workspace = await tx
        .selectFrom('workspaces')
        .select('id')
        .where('platform', '=', 'sms')
        .executeTakeFirstOrThrow()
      const [delivery] = await enqueue(tx, orgId, [
        {
          workspaceId: workspace.id,
          route: { type: 'person', user: '+441632960000' },
          notification: {
            type: 'page',
            page: { why: 'Maya Okafor wants you.', by: 'Maya Okafor', text: 'call me <now>' },
          },
          urgency: 0,
          pageId,
          personId: ida,
        },
      ])
      return pageLinkFor(base, secret)(delivery!)
    })
    const { text } = await get(link)
    expect(text).toContain('Maya Okafor pages you: call me &lt;now&gt;')
    expect(text).toContain('>Acknowledge</button>')
    expect(text).not.toContain('Escalate')
    expect((await press(link, 'escalate')).status).toBe(400)
    expect((await press(link, 'acknowledge')).status).toBe(303)
    const closed = await world.owner
      .selectFrom('pages')
      .select(['closed_by', 'closed_as'])
      .where('id', '=', pageId)
      .executeTakeFirstOrThrow()
    expect(closed).toEqual({ closed_by: ida, closed_as: 'acknowledged' })
    expect((await get(link)).text).toContain('Acknowledged by Ida')
  })
})

describe('a link that is over', () => {
  test('because the page was acknowledged elsewhere says by whom', async () => {
    const { link, key, pageId } = await paged()
    const ivo = await world.person('Ivo Lang')
    await world.owner
      .updateTable('pages')
      .set({ closed_at: new Date(), closed_by: ivo, closed_as: 'acknowledged' })
      .where('id', '=', pageId)
      .execute()
    const { status, text } = await get(link)
    expect(status).toBe(410)
    expect(text).toMatch(/Acknowledged by Ivo Lang at \d\d:\d\d UTC, \d+ s after the page\./)
    expect((await press(link, 'acknowledge')).status).toBe(410)
    expect((await incidentNow(key)).status).toBe('OPEN')
  })

  test('after a day does nothing any more', async () => {
    const { link, key } = await paged()
    await world.later('23 hours 59 minutes')
    expect((await get(link)).status).toBe(200)
    await world.later('2 minutes')
    const { status, text } = await get(link)
    expect(status).toBe(410)
    expect(text).toContain('more than a day old')
    expect((await press(link, 'acknowledge')).status).toBe(410)
    expect((await incidentNow(key)).status).toBe('OPEN')
  })
})
