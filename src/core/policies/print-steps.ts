import { writeDuration } from '../duration.ts'
import { ranks } from '../permissions.ts'
import { platformOf } from './parse-target.ts'
import { quoted, typedName } from './tokens.ts'
import type {
  WrittenAction,
  WrittenConditions,
  WrittenPolicy,
  WrittenStep,
  WrittenTarget,
} from './written.ts'

/** One line each: what `parseSteps` reads back as it was. */
export const printSteps = (steps: readonly WrittenStep[]): string => steps.map(printStep).join(';\n')

export const printStep = ({ afterSeconds, notify, actions }: WrittenStep): string =>
  [
    writeDuration(afterSeconds),
    notify.map(printTarget).join(', '),
    ...(actions.length ? [`do ${actions.map(printAction).join(', ')}`] : []),
  ]
    .filter(Boolean)
    .join(' ')

export function printTarget(target: WrittenTarget): string {
  switch (target.type) {
    case 'person':
      return printPerson(target.name)
    case 'rank':
      return target.inTeam ? `${target.rank} in team` : target.rank
    case 'channel':
      return `channel ${typedName(channelWords(target))}`
    default:
      return `${target.type} ${typedName(target.name)}`
  }
}

/** The platform stands before an id that does not say it. */
const channelWords = ({ platform, channel }: Extract<WrittenTarget, { type: 'channel' }>): string =>
  platform === platformOf(channel) && !/^(slack|teams|console):/.test(channel)
    ? channel
    : `${platform}:${channel}`

/** An address stands for itself; a name that is a rank would be read as one. */
const printPerson = (name: string): string => {
  const typed = typedName(name)
  const [first] = name.toLowerCase().split(' ')
  return typed === name && (ranks as readonly string[]).includes(first!) ? quoted(name) : typed
}

function printAction(action: WrittenAction): string {
  switch (action.type) {
    case 'raise_priority':
      return `priority ${action.to}`
    case 'assign':
      return `assign ${printTarget(action.to)}`
    case 'open_channel':
      return 'open channel'
  }
}

/** `priority=P2 team="on call"`; empty when there is no condition. */
export const printConditions = (when: WrittenConditions): string =>
  (['priority', 'team', 'category', 'department', 'service'] as const)
    .flatMap((key) =>
      when[key] === undefined
        ? []
        : [`${key}=${/\s/.test(when[key]) ? quoted(when[key]) : typedName(when[key])}`],
    )
    .join(' ')

/** `P2 and above · team payments`, for reading. */
export const conditionWords = ({
  priority,
  team,
  category,
  department,
  service,
}: WrittenConditions): string =>
  [
    priority && (priority === 'P1' ? 'P1' : `${priority} and above`),
    team && `team ${team}`,
    category && `category ${category}`,
    department && `department ${department}`,
    service && `service ${service}`,
  ]
    .filter(Boolean)
    .join(' · ') || 'every incident'

/** A policy for the plan and the audit log. */
export const policyWords = (policy: WrittenPolicy): Record<string, unknown> => ({
  name: policy.name,
  when: conditionWords(policy.when),
  steps: policy.steps.map((step) => `[${printStep(step)}]`),
  repeat: policy.repeats,
  nobody: policy.nobody ? printTarget(policy.nobody) : null,
  acknowledged_for: policy.acknowledgedForSeconds ? writeDuration(policy.acknowledgedForSeconds) : null,
})

/** The whole verb that saves it as it is. */
export function printPolicy(policy: WrittenPolicy): string {
  const when = printConditions(policy.when)
  return [
    `policies save ${typedName(policy.name)}`,
    ...(when ? [`when ${when}`] : []),
    `steps ${policy.steps.map(printStep).join('; ')}`,
    ...(policy.repeats ? [`repeat ${policy.repeats}`] : []),
    ...(policy.nobody ? [`nobody ${printTarget(policy.nobody)}`] : []),
    ...(policy.acknowledgedForSeconds
      ? [`acknowledged for ${writeDuration(policy.acknowledgedForSeconds)}`]
      : []),
  ].join(' ')
}
