import type { Intent } from './intent.ts'

const open = (slots: Record<string, unknown>) => ({ scope: 'open', ...slots })
const doings =
  '(ack|acked|acknowledge|acknowledged|take|taken|resolve|resolved|close|closed|assigned|fix|fixed)'

/** What people ask to see. These may be questions; nothing here writes. */
export const reads: Intent[] = [
  {
    tool: 'list_incidents',
    say: [
      'what is (open|burning|going on|happening) [right now] [(for|in|at) {team}]',
      '(list|show) [me] [all] [the] [open] {priorities} [incidents] [(for|of|in) {team}]',
      '(list|show) [me] [all] [the] [open] incidents [(for|of|in) {team}]',
      'list open',
      '(which|what) [{priorities}] incidents are [still] open [(for|in|at) {team}]',
      '(are there|is there|do we have) (any|an|some) [open] [{priorities}] (incident|incidents) [open] [(for|in|at) {team}]',
      '(are there|is there|do we have) any [open] {priorities} [open]',
      '(what are|show me) the open incidents [(for|in|at) {team}]',
      'any [open] (incidents|{priorities}) [open] [(for|in|at) {team}]',
      'how many [{priorities}] incidents are open [(for|in|at) {team}]',
      'anything (on fire|open|burning)',
      'is (anything|something) (on fire|open|burning)',
    ],
    input: open,
  },
  {
    tool: 'list_incidents',
    say: [
      '(list|show) [me] [all] my [open] incidents',
      '(what|which) incidents (are mine|do I have)',
      'what am I working on',
      'list mine',
    ],
    input: () => ({ scope: 'mine' }),
  },
  {
    tool: 'list_incidents',
    say: ['(list|show) [me] [all] [the] resolved incidents'],
    input: () => ({ scope: 'resolved' }),
  },
  {
    tool: 'list_incidents',
    say: ['(list|show) [me] [all] [the] closed incidents'],
    input: () => ({ scope: 'closed' }),
  },
  {
    tool: 'view_timeline',
    say: [
      'what happened [on|to|with|in] [{it}] [so far]',
      '[show] [me] [the] (timeline|history) [of|for|on] [{it}]',
      'what is going on (with|on|in) {it}',
      '(any|what are the) (update|updates|news) (on|for|about) {it}',
      'who {some} (acked|acknowledged|resolved|closed|cancelled|merged|took|reopened|changed|declared) {it}',
      'when (was|did) {it} {some}',
      'why (is|was) {it} {some}',
    ],
  },
  {
    tool: 'summarise',
    say: [
      '(summarise|summarize|sum up|recap|catchup|catch up) [on] [{it}]',
      'catch me up [on {it}]',
      '(give me|show|show me) (a|the) summary [of|for|on] [{it}]',
      '[a] summary [of|for|on] {it}',
    ],
  },
  {
    tool: 'view_incident_details',
    say: [
      '{key}',
      '(show|view|open|describe) [me] [the] [details] [of|for|on] {it}',
      '(what is|show me|show|give me) [the] (status|state|priority|severity|impact|cost|details) [of|for|on] [{it}]',
      '(how|what) is {it} [going|doing|about]',
      'what is up with {it}',
      '[the] (status|state|priority) of {it}',
      'what does {it} cost',
      'is {it} [still] [a] {anyPriority}',
      'what about {it}',
      'tell me about {it}',
      'about {it}',
      'who is [working] on [{it}]',
      'who (is assigned to|has|owns|is the commander of|is commander of) {it}',
      'is (anyone|someone|anybody|somebody) [working] on {it}',
      'who is [the] {anyRole} [(of|on|for) {it}]',
      `(did|has|have) (anyone|someone|anybody|somebody|{somebody}) [already] ${doings} {it} [yet|already]`,
      `(is|was|has) {it} [already|still|been] (open|${doings}|cancelled|in progress) [yet|already]`,
    ],
  },
  {
    tool: 'search_incidents',
    say: [
      '(search|find|look) [for] [the] (incident|incidents) (about|with|on|for|mentioning) {text}',
      'search [for] {text}',
    ],
  },
  {
    tool: 'whoami',
    say: ['who am I', 'whoami', 'what (may|can) I do [here]', 'what are my (permissions|rights)'],
    input: () => ({}),
  },
  {
    tool: 'find_people',
    say: ['(find|look up) [person] {person}', 'who is {person}'],
    input: ({ person }) => ({ text: person }),
  },
  {
    tool: 'help',
    say: [
      'help',
      'help me',
      'what can you do',
      'what do you do',
      'how does this work',
      'commands',
      'who are you',
      'what are you',
    ],
    input: () => ({}),
  },
  {
    tool: 'help',
    say: ['how (do|can) I {verb}', 'help [with] {verb}'],
  },
]
