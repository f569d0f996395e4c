/** Examples of on-call schedules. Each slot has one, `rota` with its number, for the team that the case is about. */
import { type Example, lacking, type May } from './example.ts'
import { type Slot, soon } from './slots.ts'

/** manage_schedule for own teams, from vp on for every one; an administrator by manage_policies. */
const managing = (may: May): string | undefined =>
  may('manage_policies') || may('manage_schedule') ? undefined : 'manage_schedule'

const schedule = ({ number }: Slot) => ({ schedule: `rota${number}` })
const name = ({ number }: Slot) => `rota${number}`

export const schedules: Record<string, Example[]> = {
  find_on_call: [
    {
      missing: lacking('view_incident'),
      command: (slot) => `oncall ${name(slot)}`,
      input: (slot) => ({ of: name(slot) }),
      shows: ({ number }) => new RegExp(`Tara Target ${number} is on call for rota${number}\\b`),
    },
  ],
  list_schedules: [
    {
      missing: lacking('view_incident'),
      command: () => 'schedules',
      input: () => ({}),
      shows: () => /rota\d/,
    },
  ],
  show_schedule: [
    {
      missing: lacking('view_incident'),
      command: (slot) => `schedules show ${name(slot)}`,
      input: schedule,
      shows: ({ number }) => new RegExp(`Tara Target ${number}\\b`),
    },
  ],
  give_calendar: [
    {
      missing: lacking('view_incident'),
      command: (slot) => `schedules calendar ${name(slot)}`,
      input: (slot) => ({ of: name(slot) }),
      did: ({ calendars }, me) => calendars.includes(me),
    },
  ],
  create_schedule: [
    {
      missing: managing,
      command: ({ word, team }) => `schedules create ${word} Europe/London ${team}`,
      input: ({ word, team }) => ({ name: word, time_zone: 'Europe/London', team }),
      did: ({ made }) => made,
    },
  ],
  add_layer: [
    {
      missing: managing,
      command: (slot) => `schedules layer ${name(slot)} 2026-01-05 daily 18:00 ${slot.target.email}`,
      input: (slot) => ({
        ...schedule(slot),
        start: '2026-01-05',
        rotation: 'daily',
        handoff: '18:00',
        people: [slot.target.email],
      }),
      did: ({ layers }) => layers === 2,
    },
  ],
  remove_layer: [
    {
      missing: managing,
      command: (slot) => `schedules layer remove ${name(slot)} 1`,
      input: (slot) => ({ ...schedule(slot), layer: 1 }),
      did: ({ layers }) => layers === 0,
    },
  ],
  remove_schedule: [
    {
      missing: managing,
      command: (slot) => `schedules remove ${name(slot)}`,
      input: schedule,
      did: ({ layers }) => layers === null,
    },
  ],
  cover_shift: [
    {
      missing: managing,
      command: (slot) => `schedules cover ${name(slot)} ${soon(20)} ${soon(21)} t0@example.com`,
      input: (slot) => ({ ...schedule(slot), from: soon(20), to: soon(21), person: 't0@example.com' }),
      did: ({ covers }) => covers.length === 2,
    },
    {
      // One's own time is anybody's to give who is expected there: the team, and whoever may acknowledge.
      as: 'themselves',
      missing: (may, on) =>
        on.team === 'own' || may('acknowledge', { relation: 'none', team: on.team })
          ? undefined
          : managing(may),
      command: (slot) => `schedules cover ${name(slot)} ${soon(20)} ${soon(21)}`,
      input: (slot) => ({ ...schedule(slot), from: soon(20), to: soon(21) }),
      did: ({ covers }, me) => covers.includes(me),
    },
  ],
  remove_cover: [
    {
      missing: managing,
      command: (slot) => `schedules uncover ${name(slot)} ${soon(10, 12)}`,
      input: (slot) => ({ ...schedule(slot), at: soon(10, 12) }),
      did: ({ covers }) => covers.length === 0,
    },
  ],
}
