import { z } from 'zod'
import { line, paragraph } from '../../core/clean-text.ts'
import { writeDuration } from '../../core/duration.ts'
import { incidentOfThread } from '../../core/incident-of-thread.ts'
import { about, findIncident, type Incident, parseKey } from '../../core/incidents.ts'
import { onIncident, plain } from '../../core/labels.ts'
import type { Outcome, Part } from '../../core/outcome.ts'
import { type Paged, pageAgainAt, pageByHand, pagesPerSender } from '../../core/pages/by-hand.ts'
import { clock, time } from '../../core/schedules/words.ts'
import { conflict, invalidInput, notFound } from '../../errors.ts'
import { defineOperation, type Scope } from '../define.ts'
import { incidentKey } from '../perform.ts'
import { type Recipients, whomToPage } from './whom-to-page.ts'

const usage = 'page [INC] <person|team> <text>'

export const page = defineOperation({
  name: 'page',
  summary:
    'Page a person or a team by hand, by the routes that they chose for pages; about a private incident, they are let in.',
  input: z.strictObject({
    whom: line(200).describe('a name, an e-mail address, a mention, or a team'),
    text: paragraph(1000).optional().describe('what they are to know or do'),
    incident: incidentKey.optional().describe('the incident that it is about'),
  }),
  permission: 'page',
  effect: 'write',
  undone: 'Nobody was paged',
  button: 'Page',
  verb: { words: ['page'], usage, parse: parsePage },
  run: async (scope, input) => {
    const { tx, orgId, actor, now } = scope
    const whom = await whomToPage(scope, input.whom, input.text ?? '')
    const { incident, text } = await aboutWhat(scope, input.incident, whom.text)
    if (!text && !incident) {
      throw invalidInput('Nobody was paged: say what it is about.', { field: 'text', usage })
    }
    const again = await pageAgainAt({ tx, orgId, now }, actor.personId)
    if (again) {
      const { most, seconds } = pagesPerSender
      throw conflict(
        `Nobody was paged: that would be more than ${most} pages of yours in ${seconds / 60} minutes. ` +
          `You can page again at ${clock('UTC', again)} UTC. For something bigger, declare an incident: its policy pages.`,
      )
    }
    const paged = await pageByHand(scope, {
      sender: { id: actor.personId, name: scope.standing.name },
      people: whom.people,
      team: whom.team,
      text: text || undefined,
      incident,
    })
    const names = paged.reached.map(({ person }) => person.name)
    if (!paged.pageId) {
      const lost = paged.unreached.map(({ name }) => name).join(', ')
      throw conflict(`Nobody was paged: ${lost} cannot be reached by chat, text message or e-mail.`)
    }
    await scope.audit({
      operation: 'page',
      incidentId: incident?.id,
      subject: whom.team ?? names.join(', '),
      new: {
        paged: whom.team ? `${whom.team} (${names.join(', ')})` : names.join(', '),
        ...(text && { text }),
      },
      label: incident ? onIncident(incident, plain) : ['view_audit'],
    })
    return outcomeOf(paged, whom, now, incident)
  },
})

/** The key that was given, else the first word of the text, else the incident that the thread is about. */
async function aboutWhat(
  { tx, orgId, actor, standing }: Scope,
  given: string | undefined,
  said: string,
): Promise<{ incident?: Incident; text: string }> {
  const [first = ''] = said.split(/\s/, 1)
  const own = !given && parseKey(first.replace(/[:,]$/, '')) !== undefined
  const text = own ? said.slice(first.length).trim() : said
  const key = given ?? (own ? first.replace(/[:,]$/, '').toUpperCase() : undefined)
  const named = key ?? (await incidentOfThread(tx, orgId, actor.place))
  const incident = named ? await findIncident(tx, orgId, named, standing, true) : undefined
  if (key && !incident) {
    throw notFound(`Nobody was paged: there is no incident ${key} that you may see.`)
  }
  return { incident, text }
}

function outcomeOf(paged: Paged, whom: Recipients, now: Date, incident: Incident | undefined): Outcome {
  const label = incident ? onIncident(incident, plain) : plain
  const authors = [...paged.reached.map(({ person }) => person.id), ...paged.unreached.map(({ id }) => id)]
  const lines = [
    ...paged.reached.map((each) => `${each.person.name}: ${howWords(each, now)}`),
    ...paged.unreached.map(({ name }) => `${name}: not reached, no way to them is known`),
  ]
  const subject = incident ? ` about ${incident.key}` : ''
  const parts: Part[] = [
    {
      kind: 'lines',
      label,
      authors,
      title: `Paged ${whom.team ?? paged.reached[0]!.person.name}${subject}`,
      lines,
    },
  ]
  if (incident?.private) {
    const text = `${incident.key} is private: whom you paged may see it from now on.`
    parts.push({ kind: 'sentence', label, text })
  }
  return { parts, ...(incident && { incident: about(incident) }) }
}

/** `Slack now, SMS in 1m`; behind quiet hours, when these are over. */
function howWords({ reaches, quiet }: Paged['reached'][number], now: Date): string {
  const putOff = quiet ? (quiet.until.getTime() - now.getTime()) / 1000 : 0
  const ways = reaches.map(({ carrier, afterSeconds }) => {
    const after = Math.round(afterSeconds - putOff)
    const delay = after > 0 ? writeDuration(after) : undefined
    if (quiet) return `${carrierWords[carrier]} ${delay ? `${delay} later` : 'then'}`
    return `${carrierWords[carrier]} ${delay ? `in ${delay}` : 'now'}`
  })
  const words = ways.join(', ')
  return quiet ? `quiet hours until ${time(quiet.zone, quiet.until, now)} (${quiet.zone}), ${words}` : words
}

const carrierWords = {
  slack: 'Slack',
  teams: 'Teams',
  console: 'console',
  email: 'e-mail',
  sms: 'SMS',
  webhook: 'webhook',
} as const

/** With these a sentence goes on, and no name does. */
const noName =
  /^(the|a|an|me|us|my|our|your|this|that|it|is|was|when|if|everyone|everybody|someone|somebody|who)$/i

/** What comes before the text is found when the names are known: here only what shows by itself. */
function parsePage(rest: string): Record<string, unknown> | undefined {
  const [first = ''] = rest.split(/\s/, 1)
  const incident = parseKey(first) === undefined ? undefined : first
  const line = incident ? rest.slice(first.length).trim() : rest
  const [whole, quoted, word] = /^(?:["“]([^"”]+)["”]|(<@[^>]*>|\S+))\s*/.exec(line) ?? []
  const whom = quoted ?? word
  if (!whole || !whom || noName.test(whom)) return undefined
  const text = line.slice(whole.length).trim()
  return { whom, ...(text && { text }), ...(incident && { incident }) }
}
