import { exampleCorp, startTocsin, type Tocsin } from '../support/app.ts'

/** Ida and Ivo take weeks, Ivo the nights of January 20th on; nobody has the database schedule at night. */
export const withSchedules = `${exampleCorp}
schedules:
  - name: payments-primary
    team: payments
    time_zone: Europe/London
    layers:
      - { start: 2026-01-05, rotation: weekly, handoff: "Mon 09:00", people: [ida@example.com, ivo@example.com] }
  - name: database
    team: platform
    time_zone: America/New_York
    layers:
      - { start: 2026-01-05, rotation: daily, handoff: "09:00", hours: "09:00-17:00", people: [ivo@example.com] }
`

export type Story = Tocsin & {
  /** The answer's words; asked with a command in #general unless said. */
  ask(user: string, text: string, channel?: string): Promise<string>
  /** Sets business time. */
  setClock(instant: string): Promise<void>
  /** What the bot told this person in their direct conversation, all of it. */
  told(user: string): string
}

export async function startStory(
  instant: string,
  options: { configuration?: string; env?: Record<string, string> } = {},
): Promise<Story> {
  const tocsin = await startTocsin({ configuration: withSchedules, ...options })
  const { slack, sql } = tocsin
  const setClock = async (to: string) => {
    await sql('update clock set shift = $1::timestamptz - now()', [to])
  }
  await setClock(instant)
  return {
    ...tocsin,
    setClock,
    async ask(user, text, channel = 'C0GENERAL') {
      const sent = await slack.as(user).command(text, { channel })
      return slack.textOf(await slack.answerTo(sent))
    },
    told: (user) =>
      slack
        .direct(user)
        .map((message) => slack.textOf(message))
        .join('\n'),
  }
}
