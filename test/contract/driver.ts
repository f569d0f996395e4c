/** What the contract suite asks of a platform: people who speak and press, and what each of them reads. */
import type { Tocsin } from '../support/app.ts'

export type Who = 'ida' | 'lena' | 'vic' | 'finn'

/** `incidents` announces every incident, `general` is an ordinary channel, `doomed` is one that may be taken away. */
export type Room = 'incidents' | 'general' | 'doomed'

/** A message as it stands now. */
export type Shown = {
  text: string
  buttons: string[]
  /** What of it the platform would read as markup, a link or a call to people, of the words in `markup`. */
  live: string[]
  /** The platform's own message, for pressing. */
  raw: unknown
}

export type Pressed = {
  /** What the clicker alone reads. */
  text: string
  /** The platform delivers the very same click once more. */
  again: () => Promise<void>
}

export type Driver = {
  tocsin: Tocsin
  /** In the personal chat, or with the bot mentioned in a channel. */
  say: (who: Who, text: string, room?: Room) => Promise<void>
  /** What somebody reads in their personal chat. */
  alone: (who: Who) => Promise<Shown[]>
  /** What everybody reads in a channel, oldest first. */
  shown: (room: Room) => Promise<Shown[]>
  press: (who: Who, message: Shown, button: string) => Promise<Pressed>
  /** Nothing reaches the platform until it recovers. */
  fail: (how: 'unavailable' | 'throttled') => void
  recover: () => void | Promise<void>
  /** `doomed` is gone for good. */
  takeAway: () => void | Promise<void>
  close: () => Promise<void>
}

/** Nobody is paged within a test, since all that a channel hears is paced. */
export const slowly = `
policies:
  - name: slow
    steps:
      - { after: 60m, notify: [{ rank: team_lead, in: team }] }
`

/** How Teams is kept from reading `<at>` in people's words: a gap that nobody sees. */
export const asSeen = (text: string): string => text.replaceAll('\u200b', '')

/** Words that mean something on one platform or another. */
export const markup = '<!channel> *bold* [x](http://evil.example) <at>all</at> <script>alert(1)</script>'

/** As a client sends what somebody types: none of it is markup of the platform's own. */
export const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')

type Json = Record<string, unknown>

const within = (value: unknown): Json[] => {
  if (Array.isArray(value)) return value.flatMap(within)
  if (typeof value !== 'object' || value === null) return []
  return [value as Json, ...Object.values(value).flatMap(within)]
}

/** In Block Kit only mrkdwn, and elements made for it, are live. */
export const liveInBlocks = (message: { text: string; blocks?: unknown }): string[] => [
  ...(message.text.includes('<!') ? [message.text] : []),
  ...within(message.blocks)
    .filter(
      ({ type, text, url }) =>
        type === 'broadcast' ||
        (type === 'link' && String(url).includes('evil')) ||
        (type === 'mrkdwn' && /<!(?!date)|\*bold\*|\]\(/.test(String(text))),
    )
    .map((each) => JSON.stringify(each)),
]

/** What a button carries is drawn nowhere as text. */
const drawn = (card: unknown): unknown =>
  JSON.parse(JSON.stringify(card ?? null, (name, value: unknown) => (name === 'data' ? undefined : value)))

/** In an Adaptive Card a TextBlock is read as Markdown, `<at>` anywhere, and an address only where it is an action. */
export const liveInCard = (card: unknown): string[] =>
  within(drawn(card))
    .filter(
      ({ type, text, url }) =>
        /<\/?at>/.test(String(text)) ||
        (type === 'TextBlock' && /\*bold\*|\]\(|<script/.test(String(text))) ||
        String(url).includes('evil'),
    )
    .map((each) => JSON.stringify(each))
