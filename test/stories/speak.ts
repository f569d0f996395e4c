/** How a story speaks: what somebody says, and the words that they read as the answer. */
import { expect } from 'vitest'
import type { Tocsin } from '../support/app.ts'
import type { SlackMessage } from '../support/slack-state.ts'

export const voices = (tocsin: () => Tocsin) => {
  const slack = () => tocsin().slack
  const words = (message: { text: string; blocks?: unknown }) => slack().textOf(message)

  /** The slash command; what answers it, for its asker alone. */
  const answer = async (user: string, text: string, channel = 'C0GENERAL'): Promise<SlackMessage> => {
    const sent = await slack().as(user).command(text, { channel })
    expect(sent.status).toBe(200)
    return slack().answerTo(sent)
  }

  /** The latest of Tocsin's messages there that says this. */
  const heard = (where: { channel: string } | { direct: string }, what: string | RegExp) => {
    const there = () => ('direct' in where ? slack().direct(where.direct) : slack().messages(where.channel))
    const says = (message: SlackMessage) =>
      !message.streaming &&
      (typeof what === 'string' ? words(message).includes(what) : what.test(words(message)))
    return slack().waitFor(() => there().findLast(says), { what: `"${what}"` })
  }

  return {
    words,
    answer,
    heard,
    ask: async (user: string, text: string, channel?: string) => words(await answer(user, text, channel)),
    /** In the person's own conversation; the answer that comes there. */
    tell: async (user: string, text: string) =>
      words(await slack().answerTo(await slack().as(user).dm(text))),
    /** A press; what the clicker alone reads. */
    press: async (user: string, message: SlackMessage, button: string) =>
      words(await slack().answerTo(await slack().as(user).click(message, button))),
    /** The card of an incident in a channel, as it stands there now. */
    card: (key: string, channel = 'C0INCIDENTS') =>
      slack().waitFor(
        () =>
          slack()
            .messages(channel)
            .find((message) => !message.thread_ts && new RegExp(`^\\S+ ${key} `).test(words(message))),
        { what: `the card of ${key} in ${channel}` },
      ),
    /** Everything that Tocsin has said where others read it. */
    everybody: (channel: string) => slack().messages(channel).map(words).join('\n'),
    /** What somebody has been told in their own conversation. */
    told: (user: string) => slack().direct(user).map(words).join('\n'),
  }
}
