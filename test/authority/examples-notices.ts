/** Examples of how people are told: their preferences, and pages by hand. */
import { type Example, lacking, nothing } from './example.ts'
import type { State } from './observed.ts'

const own = (of: (mine: State['ways'][number]) => boolean) => (state: State, me: string) =>
  state.ways.some((each) => each.person === me && of(each))

/** What everybody may do for themselves. */
const mine = (
  command: string,
  input: Record<string, unknown>,
  of: (mine: State['ways'][number]) => boolean,
): Example[] => [{ missing: nothing, command: () => command, input: () => input, did: own(of) }]

export const notices: Record<string, Example[]> = {
  show_preferences: [
    {
      missing: nothing,
      command: () => 'preferences',
      input: () => ({}),
      shows: () => /How you are told[\s\S]*chat at once/,
    },
  ],
  set_high_preference: mine(
    'preferences high chat 7s',
    { ways: 'chat 7s' },
    ({ high }) => high?.[0]?.afterSeconds === 7,
  ),
  set_low_preference: mine(
    'preferences low chat 7s',
    { ways: 'chat 7s' },
    ({ low }) => low?.[0]?.afterSeconds === 7,
  ),
  set_quiet_hours: mine(
    'preferences quiet 01:00-02:00',
    { quiet: '01:00-02:00' },
    ({ quiet }) => quiet?.from === '01:00',
  ),
  set_phone: mine(
    'preferences phone +441632960321',
    { phone: '+441632960321' },
    ({ phone }) => phone === '+441632960321',
  ),
  set_time_zone: mine(
    'preferences zone Asia/Kathmandu',
    { zone: 'Asia/Kathmandu' },
    ({ zone }) => zone === 'Asia/Kathmandu',
  ),
  set_preferences: [
    {
      missing: lacking('manage_people'),
      command: ({ target }) => `preferences for ${target.email} low chat 7s`,
      input: ({ target }) => ({ person: target.email, low: 'chat 7s' }),
      did: ({ ways }, _me, { target }) =>
        ways.some(({ person, low }) => person === target.id && low?.[0]?.afterSeconds === 7),
    },
    {
      as: 'their own',
      missing: nothing,
      command: () => 'preferences for me low chat 7s',
      input: () => ({ low: 'chat 7s' }),
      did: own(({ low }) => low?.[0]?.afterSeconds === 7),
    },
  ],
  page: [
    {
      missing: lacking('page'),
      command: ({ word }) => `page t0@example.com look at ${word}`,
      input: ({ word }) => ({ whom: 't0@example.com', text: `look at ${word}` }),
      did: ({ paged }) => paged.length === 1,
    },
  ],
  // Each slot has one page, by its target, to whoever asks.
  acknowledge_page: [
    {
      missing: nothing,
      input: ({ id }) => ({ page: id }),
      did: ({ seen }, me) => seen === me,
    },
  ],
}
