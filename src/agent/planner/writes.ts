import type { Intent } from './intent.ts'

/** What people say to change something. Imperatives and "I am taking this"; a statement of fact is none. */
export const writes: Intent[] = [
  {
    tool: 'create_incident',
    say: [
      '(declare|create|open|report|raise|start) [a|an] [new] [{priority}] incident (:|called|titled|named|about) {text}',
      '(declare|create|open|report|raise|start) [a|an] [new] [{priority}] incident for {team} : {text}',
      '(declare|create) [an] [incident] {quoted}',
      'new [{priority}] incident (:|called|titled|named|about) {text}',
      'declare : {text}',
    ],
    input: ({ text, quoted, ...rest }) => ({ title: (text ?? quoted)!, ...rest }),
  },
  {
    tool: 'create_incident',
    say: [
      '(declare|create|open|report|raise|start) [a] [new] private [{priority}] incident (:|called|about) {text}',
    ],
    input: ({ text, ...rest }) => ({ title: text, ...rest, private: true }),
  },
  {
    tool: 'comment',
    say: [
      '(note|comment) [on|for|to] [{it}] : {text}',
      '(add|write|leave|make) [a] (note|comment) [(on|for|to) {it}] : {text}',
    ],
  },
  {
    tool: 'comment',
    say: [
      'internal (note|comment) [on|for|to] [{it}] : {text}',
      '(note|comment) internal [on|for|to] [{it}] : {text}',
      '(add|write|leave|make) [an] internal (note|comment) [(on|for|to) {it}] : {text}',
    ],
    input: (slots) => ({ ...slots, internal: true }),
  },
  {
    tool: 'update_business_impact',
    say: [
      '[the] [business] impact [of|on|for] [{it}] : {text}',
      '(set|update|change) [the] [business] impact [(of|on|for) {it}] (to|:) {text}',
    ],
  },
  {
    tool: 'update_priority',
    say: [
      '(set|change|update|raise|lower|bump) [the] [incident] (priority|severity) [(of|on|for) {it}] to {priority}',
      '(set|change|update) [the] (priority|severity) [to] {priority} (on|for) {it}',
      '(set|change|update) {it} priority [to] {priority}',
      '(set|make|mark|raise|lower|downgrade|upgrade|bump|change|move) {it} [to|as] {priority}',
      '(priority|severity) [{key}] {priority}',
      '(set|make) priority {priority}',
    ],
  },
  {
    tool: 'acknowledge',
    say: ['(ack|acknowledge) [{it}]'],
  },
  {
    tool: 'take',
    say: [
      'take [{it}]',
      'I (am taking|will take|take|have|got|have got) {it}',
      'I am on it',
      '(assign|give) {it} to (me|myself)',
      'assign me [to] {it}',
    ],
  },
  {
    tool: 'assign',
    say: ['(assign|reassign|give) {it} to {person}', 'assign {person} to {it}'],
  },
  {
    tool: 'hand_off',
    say: [
      '(hand|hand over|hand off|handoff|pass) {it} [over|off|on] to {person}',
      '(hand over|hand off|handoff) to {person}',
    ],
  },
  {
    tool: 'set_role',
    say: [
      'make {person} {role} [(of|on|for) {it}]',
      '(set|change) [the] {role} [role] [(of|on|for) {it}] to {person}',
      'appoint {person} [as] {role} [(of|on|for) {it}]',
      '{person} as {role} [(of|on|for) {it}]',
    ],
  },
  {
    tool: 'invite',
    say: ['invite {person} [to {it}]', 'add {person} to (this incident|{it})'],
  },
  {
    tool: 'resolve',
    say: ['resolve [{it}]', '(mark|set) {it} [as|to] (resolved|fixed|solved)'],
  },
  {
    tool: 'close',
    say: ['close [{it}]', '(mark|set) {it} [as|to] closed'],
  },
  {
    tool: 'cancel',
    say: ['cancel {it}', '(mark|set) {it} [as|to] (cancelled|canceled)'],
  },
  {
    tool: 'reopen',
    say: ['reopen {it} (because|since|as|:) {text}'],
    input: ({ text, ...rest }) => ({ ...rest, reason: text }),
  },
  {
    tool: 'merge',
    say: [
      'merge {it} (into|with) {into}',
      'merge (into|with) {into}',
      'mark {it} as [a] duplicate of {into}',
    ],
  },
  {
    tool: 'update_status',
    say: [
      '(set|change|update) [the] [incident] status [(of|on|for) {it}] to {status}',
      '(set|change|update) {it} status [to] {status}',
      '(set|move|change|mark|put) {it} [back] (to|as|in|into) {status}',
      'status {key} {status}',
    ],
  },
  {
    tool: 'follow',
    say: ['follow [{it}]', 'subscribe [me] to {it}'],
  },
  {
    tool: 'unfollow',
    say: ['unfollow [{it}]', 'stop following [{it}]', 'unsubscribe [me] from {it}'],
  },
  {
    tool: 'update_services',
    say: [
      'add {services} to [the] [affected] services [of {it}]',
      'add [the] (service|services) {services} to {it}',
      '{services} is affected too',
    ],
    input: ({ services, ...rest }) => ({ ...rest, add: services }),
  },
  {
    tool: 'update_services',
    say: [
      'remove {services} from [the] [affected] services [of {it}]',
      'remove [the] (service|services) {services} from {it}',
    ],
    input: ({ services, ...rest }) => ({ ...rest, remove: services }),
  },
  {
    tool: 'set_team',
    say: ['(set|change) [the] team [(of|on|for) {it}] to {team}', 'move {it} to [the] team {team}'],
  },
  {
    tool: 'set_category',
    say: ['(set|change) [the] category [(of|on|for) {it}] to {category}'],
  },
]
