/**
 * Who is told of an unacknowledged incident, and when. Glossary: a *policy* is an ordered list of steps; a *step* has
 * a delay, *targets* (whom it pages) and *actions* (what else it does); a *round* is all the steps once; an incident
 * that nobody acknowledges goes through the first round and `repeats` further ones.
 */
import type { Priority } from '../../db/schema.ts'
import type { PlatformName } from '../../ports/platform.ts'
import type { Rank } from '../permissions.ts'

export type Target =
  | { type: 'person'; personId: string }
  /** Whoever is on call in it at that moment. */
  | { type: 'schedule'; scheduleId: string }
  /** Everybody of exactly this rank: of the incident's team, or of the whole organisation. */
  | { type: 'rank'; rank: Rank; inTeam: boolean }
  | { type: 'team'; teamId: string }
  /** One message there that mentions everybody whom the step pages. */
  | { type: 'channel'; platform: PlatformName; channel: string }
  | { type: 'webhook'; webhookId: string }

export type Action =
  | { type: 'raise_priority'; to: Priority }
  | { type: 'assign'; to: Extract<Target, { type: 'person' | 'schedule' }> }
  /** A channel of the incident's own, once. */
  | { type: 'open_channel' }

export type Step = {
  /** Counted from when the step before it was due; the first one from the beginning of its round. */
  afterSeconds: number
  notify: Target[]
  actions: Action[]
}

export type Policy = {
  /** Undefined: the built-in policy. */
  id?: string
  version?: number
  name: string
  steps: Step[]
  /** Further rounds after the first. */
  repeats: number
  /** Told when the last round is over and nobody has acknowledged. */
  nobody?: Target
  /** An acknowledged incident on which nothing happens for so long escalates again. */
  acknowledgedForSeconds?: number
}

/** When a policy fits: all that are set must hold. */
export type Conditions = {
  /** This priority and the more urgent ones. */
  priority?: Priority
  teamId?: string
  category?: string
  department?: string
  serviceId?: string
}

/** What no policy covers pages the team's leads, then its managers: nothing goes unheard for want of a policy. */
export const builtIn: Policy = {
  name: 'built-in',
  steps: [
    { afterSeconds: 0, notify: [{ type: 'rank', rank: 'team_lead', inTeam: true }], actions: [] },
    { afterSeconds: 300, notify: [{ type: 'rank', rank: 'manager', inTeam: true }], actions: [] },
  ],
  repeats: 1,
}

/** After the last step its own delay passes before the next round; a step without one waits for this long. */
export const leastSecondsBetweenRounds = 300

/** Whether it pages, or assigns to, whoever is on call in that schedule. */
export const namesSchedule = ({ steps, nobody }: Policy, scheduleId: string): boolean => {
  const is = (target: Target) => target.type === 'schedule' && target.scheduleId === scheduleId
  return (
    (nobody !== undefined && is(nobody)) ||
    steps.some(
      ({ notify, actions }) =>
        notify.some(is) || actions.some((action) => action.type === 'assign' && is(action.to)),
    )
  )
}
