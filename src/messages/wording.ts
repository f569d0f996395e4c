/** The words for changes and for lines of the timeline, in one place: short, present tense, who and what. */
import type { PartData, TimelineEntry } from '../core/outcome.ts'

type Change = Extract<PartData, { kind: 'change' }>
type Already = Extract<PartData, { kind: 'already' }>

/** The first line alone: key, what happened, who. */
export function changeSentence(change: Change): string {
  const { key, by, from, to, whom } = change
  const was = from ? ` (was ${from})` : ''
  switch (change.change) {
    case 'declared':
      return to ? `${key} declared by ${by} for ${to}` : `${key} declared by ${by}`
    case 'acknowledged':
      return `${key} acknowledged by ${by}`
    case 'taken':
      return `${key} taken by ${by}`
    case 'assigned':
      return `${key} assigned to ${whom} by ${by}${was}`
    case 'handed_off':
      return `${key} handed off to ${whom} by ${by}`
    case 'role':
      return `${key} has ${whom} as ${to}, set by ${by}${was}`
    case 'status':
      return `${key} is ${to}, set by ${by}${was}`
    case 'priority':
      return `${key} is ${to}, set by ${by}${was}`
    case 'commented':
      return `${key} has ${to === 'internal' ? 'an internal' : 'a'} note by ${by}`
    case 'followed':
      return `You follow ${key}`
    case 'unfollowed':
      return `You no longer follow ${key}`
    case 'services':
      return `${key} affects ${to}, set by ${by}${was}`
    case 'business_impact':
      return `${key} has its business impact described by ${by}`
    case 'team':
      return `${key} belongs to ${to}, set by ${by}${was}`
    case 'category':
      return `${key} is filed under ${to} by ${by}${was}`
    case 'invited':
      return `${key}: ${whom} invited by ${by}`
    case 'merged':
      return `${key} merged into ${to} by ${by}`
    case 'paged':
      return `${key} pages ${whom} (step ${to})`
    case 'escalated':
      return `${key} escalated to ${whom} by ${by} (step ${to})`
    case 'snoozed':
      return to
        ? `${key} snoozed for ${to} by ${by}, then paging goes on`
        : `${key}: snooze ended by ${by}, paging goes on`
  }
}

/** What is so without anybody having done it at some time. */
export const timeless = (change: Already['change']): boolean =>
  change === 'followed' || change === 'unfollowed' || change === 'invited'

/** What had already been so; unless it is timeless, ` at ` and the time follow as spans of their own. */
export function alreadySentence({ change, key, by, to }: Already): string {
  switch (change) {
    case 'acknowledged':
      return `${key} was already acknowledged by ${by}`
    case 'followed':
      return `You already follow ${key}`
    case 'unfollowed':
      return `You already do not follow ${key}`
    case 'taken':
    case 'assigned':
    case 'handed_off':
      return by === to ? `${key} was already taken by ${by}` : `${key} is already with ${to}, set by ${by}`
    case 'invited':
      return `${key}: ${to} is already invited`
    case 'escalated':
      return `${key} was already escalated by ${by}`
    default:
      return `${key} is already ${to}, set by ${by}`
  }
}

/** One line of the timeline. Keys of old and new are ours; their values may be people's words. */
export function entrySentence({ operation, old = {}, new: now = {} }: TimelineEntry): string {
  const was = (name: string) =>
    old[name] === undefined || old[name] === null ? '' : ` (was ${say(old[name])})`
  const changed = ([name, value]: [string, unknown]) =>
    `${name.replaceAll('_', ' ')} ${say(value)}${was(name)}`
  switch (operation) {
    case 'create_incident':
      return `declared: ${say(now.title)}`
    case 'acknowledge':
      return 'acknowledged'
    case 'take':
      return `took it${was('assignee')}`
    case 'assign':
      return `assigned to ${say(now.assignee)}${was('assignee')}`
    case 'hand_off':
      return `handed off to ${say(now.assignee)}${was('assignee')}${now.roles ? `, ${say(now.roles)} too` : ''}`
    case 'update_status':
    case 'resolve':
    case 'close':
    case 'reopen':
    case 'cancel':
      return `status ${say(now.status)}${was('status')}${now.reason ? `: ${say(now.reason)}` : ''}`
    case 'update_priority':
      return `priority ${say(now.priority)}${was('priority')}`
    case 'comment':
      return `${now.visibility === 'internal' ? 'internal note' : 'note'}: ${say(now.text)}`
    case 'update_business_impact':
      return `business impact: ${say(now.business_impact)}`
    case 'merge':
      return now.merged ? `${say(now.merged)} merged into it` : `merged into ${say(now.merged_into)}`
    case 'acknowledge_page':
      return 'has seen the page'
    case 'page':
      return `paged ${say(now.paged)}${now.text ? `: ${say(now.text)}` : ''}`
    case 'record_cost':
      return `${say(now.kind)} cost ${money(say(now.amount), '').trim()}: ${say(now.text)}`
    case 'deliver':
      return `${say(now.to)} ${say(now.state)}: ${say(now.reason)}`
    case 'escalation_step':
      return `paged ${say(now.paged ?? now.reached ?? 'a channel')} (step ${say(now.step)} of the policy ${say(now.policy)})${now.not_reachable ? `, could not reach ${say(now.not_reachable)}` : ''}`
    case 'escalate':
      return `escalated to ${say(now.paged ?? now.reached ?? 'a channel')} (step ${say(now.step)})${now.reason ? `: ${say(now.reason)}` : ''}`
    case 'escalation_policy':
      return `paging follows the policy ${say(now.policy)}${was('policy')}`
    case 'escalation_again':
      return 'nothing happened after the acknowledgement: paging starts again'
    case 'escalation_reaches_nobody':
      return 'nobody is paged: nobody it calls can be reached'
    case 'escalation_exhausted':
      return `nobody answered, paging stopped after ${now.rounds === 1 ? 'one round' : `${say(now.rounds)} rounds`}`
    case 'open_channel':
      return now.opened ? `opened ${say(now.opened)}` : `could not open a channel: ${say(now.missing)}`
    case 'snooze':
      return now.for ? `snoozed for ${say(now.for)}` : 'ended the snooze'
    case 'snooze_over':
      return 'the snooze is over, paging goes on'
    case 'set_role':
    case 'set_team':
    case 'set_category':
    case 'update_services':
    case 'update_customers':
    case 'invite':
      return Object.entries(now).map(changed).join(' · ')
    default:
      return [operation.replaceAll('_', ' '), ...Object.entries(now).map(changed)].join(' · ')
  }
}

const say = (value: unknown): string => {
  if (value === undefined || value === null) return 'none'
  if (Array.isArray(value)) return value.length ? value.map(say).join(', ') : 'none'
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}

/** `25000.00` and `USD` as `25,000.00 USD`. */
export function money(amount: string, currency: string): string {
  const [whole = '0', cents = '00'] = amount.split('.')
  return `${whole.replace(/\B(?=(\d{3})+(?!\d))/g, ',')}.${cents.padEnd(2, '0')} ${currency}`
}
