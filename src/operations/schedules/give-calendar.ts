import { z } from 'zod'
import { line } from '../../core/clean-text.ts'
import { plain } from '../../core/labels.ts'
import { enqueue } from '../../core/outbox.ts'
import { giveToken } from '../../core/schedules/calendar.ts'
import { conflict } from '../../errors.ts'
import { defineOperation, type Scope } from '../define.ts'
import { ownAccount } from '../people/own-account.ts'
import { said } from '../people/target.ts'
import { joined, tokens } from '../people/words.ts'
import { namedSchedule } from './manage.ts'

/**
 * A link for calendar programs, which know no passwords: whoever has it sees the shifts. So it goes to the asker's own
 * conversation alone, and asking anew ends the one before.
 * @param publicUrl the base of every link that leaves.
 */
export const defineGiveCalendar = (publicUrl: string) =>
  defineOperation({
    name: 'give_calendar',
    summary: 'Get a private calendar link of a schedule, or of your own shifts. The link before it ends.',
    input: z.strictObject({ of: line(120).describe('a schedule, or me') }),
    permission: 'view_incident',
    effect: 'write',
    undone: 'There is no calendar link',
    tool: false,
    verb: {
      words: ['schedules', 'calendar'],
      usage: 'schedules calendar SCHEDULE|me',
      parse: (rest) => {
        const of = joined(tokens(rest))
        return of ? { of } : undefined
      },
    },
    run: async (scope, { of }) => {
      const { tx, orgId, actor } = scope
      const schedule = /^(me|mine|myself)$/i.test(of) ? undefined : await namedSchedule(scope, of)
      const what = schedule ? schedule.name : 'your shifts'
      const account = actor.place?.direct ? undefined : await accountOf(scope)
      const token = await giveToken(tx, orgId, actor.personId, schedule?.id ?? null)
      const subject = schedule?.name ?? actor.name
      await scope.audit({
        operation: 'give_calendar',
        subject,
        new: { link: 'given' },
        label: ['view_audit'],
      })
      const shown = said(
        `Calendar of ${what}:\n${publicUrl}/calendars/${token}.ics\nAdd it to your calendar as a subscription. ` +
          'Keep it to yourself: whoever has it sees the shifts. Asking again gives a new link and ends this one.',
        plain,
      )
      if (!account) return shown
      await enqueue(tx, orgId, [
        {
          workspaceId: account.workspaceId,
          route: { type: 'person', user: account.user },
          notification: { type: 'direct', outcome: shown, personId: actor.personId },
          urgency: 1,
        },
      ])
      return said(
        `The calendar link of ${what} is in our direct conversation, where nobody else reads it.`,
        plain,
      )
    },
  })

async function accountOf(scope: Scope): Promise<{ workspaceId: string; user: string }> {
  const account = await ownAccount(scope)
  if (!account) throw conflict('A calendar link is given in a direct conversation: ask for it in the chat.')
  return account
}
