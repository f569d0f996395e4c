import { createHash } from 'node:crypto'
import type express from 'express'
import ical, { ICalCalendarMethod, ICalEventTransparency } from 'ical-generator'
import { type Calendar, type Entry, readCalendar } from '../core/schedules/calendar.ts'
import type { Db } from '../db/pool.ts'

/** Programs ask every few minutes at most; a change of a shift is seen soon. */
const freshSeconds = 300

/** Shifts as iCalendar, for whoever has the link. A wrong token is not told from one that has ended. */
export function mountCalendars(app: express.Express, db: Db): void {
  app.get('/calendars/:file', async (request, response) => {
    const token = /^([\w-]{43})\.ics$/.exec(request.params.file)?.[1]
    const calendar = token ? await readCalendar(db, token) : undefined
    response.set('referrer-policy', 'no-referrer').set('x-content-type-options', 'nosniff')
    if (!calendar) {
      response.status(404).set('cache-control', 'no-store').type('text').send('There is no such calendar.\n')
      return
    }
    const text = written(calendar)
    const etag = `"${createHash('sha256').update(text).digest('base64url')}"`
    response.set('etag', etag).set('cache-control', `private, max-age=${freshSeconds}`)
    if (request.headers['if-none-match']?.split(/,\s*/).includes(etag)) {
      response.status(304).end()
      return
    }
    response.type('text/calendar; charset=utf-8').send(text)
  })
}

/** The same shifts are the same text, whenever they are asked for. */
function written({ name, entries }: Calendar): string {
  const calendar = ical({
    name,
    method: ICalCalendarMethod.PUBLISH,
    prodId: { company: 'Tocsin', product: 'On call', language: 'EN' },
    ttl: freshSeconds,
  })
  for (const entry of entries) {
    calendar.createEvent({
      id: `${idOf(entry)}@tocsin`,
      stamp: entry.from,
      start: entry.from,
      end: entry.to,
      summary: entry.person
        ? `${entry.person} is on call for ${entry.schedule}`
        : `On call for ${entry.schedule}`,
      transparency: ICalEventTransparency.TRANSPARENT,
    })
  }
  return calendar.toString()
}

const idOf = ({ scheduleId, personId, from }: Entry): string =>
  createHash('sha256').update(`${scheduleId} ${personId} ${from.toISOString()}`).digest('hex').slice(0, 32)
