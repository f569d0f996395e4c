import { invalidInput } from '../../errors.ts'
import { readDuration } from '../duration.ts'
import { priorities } from '../incidents.ts'
import { isWrong, parseTarget, type Wrong } from './parse-target.ts'
import { isWord, split, spoken, type Token, tokensOf } from './tokens.ts'
import type { WrittenAction, WrittenStep, WrittenTarget } from './written.ts'

export const stepExample = '5m team_lead in team, ida@example.com do priority P1'
const mostSteps = 50
const mostTargets = 50

/**
 * Reads steps: `0s schedule payments-primary; 5m team_lead in team, ida@example.com do priority P1`. Each begins with
 * its delay; `;` or a new line separates steps, a comma targets and actions; quotes keep a name together.
 * @throws TocsinError invalid_input that names the step and gives an example.
 */
export function parseSteps(text: string): WrittenStep[] {
  const parts = split(tokensOf(text), ';')
  if (!parts.length) throw wrongSteps('There is no step')
  if (parts.length > mostSteps)
    throw wrongSteps(`There are ${parts.length} steps, and ${mostSteps} are the most`)
  return parts.map((tokens, index) => {
    const step = parseStep(tokens)
    if (isWrong(step)) throw wrongSteps(`Step ${index + 1} ${step.wrong}`)
    return step
  })
}

const wrongSteps = (said: string) =>
  invalidInput(`${said}. Write a step such as: ${stepExample}`, { field: 'steps', usage: stepExample })

/** The one target of `nobody`. */
export function parseOneTarget(text: string, field: string): WrittenTarget {
  const parts = split(tokensOf(text), ',')
  const target = parts.length === 1 ? parseTarget(parts[0]!) : { wrong: 'is one target' }
  if (isWrong(target))
    throw invalidInput(`${field} ${target.wrong}, for example channel C0123456789.`, { field })
  return target
}

function parseStep([first, ...rest]: Token[]): WrittenStep | Wrong {
  const afterSeconds = first!.kind === 'word' ? readDuration(first!.text) : undefined
  if (afterSeconds === undefined) {
    return {
      wrong: `does not begin with its delay (45s, 5m, 2h, 1d, at most 366d): ${spoken([first!, ...rest])}`,
    }
  }
  const at = rest.findIndex((token) => isWord(token, 'do'))
  const targets = split(at < 0 ? rest : rest.slice(0, at), ',')
  const acts = at < 0 ? [] : split(rest.slice(at + 1), ',')
  if (at >= 0 && !acts.length) return { wrong: 'says do and not what' }
  if (!targets.length && !acts.length) return { wrong: 'tells nobody' }
  if (targets.length > mostTargets) return { wrong: `tells more than ${mostTargets}` }
  const notify = targets.map(parseTarget)
  const actions = acts.map(parseAction)
  const wrong = [...notify, ...actions].find(isWrong)
  return wrong ?? { afterSeconds, notify: notify.filter(isRight), actions: actions.filter(isRight) }
}

const isRight = <T extends object>(read: T | Wrong): read is T => !isWrong(read)

/** `priority P1`, `assign PERSON`, `assign schedule NAME`, `open channel`. */
function parseAction([first, ...rest]: Token[]): WrittenAction | Wrong {
  const said = spoken([first!, ...rest])
  const verb = first!.kind === 'word' ? first!.text.toLowerCase() : ''
  if (verb === 'priority') {
    const to = priorities.find((priority) => priority === rest[0]?.text.toUpperCase())
    return to && rest.length === 1
      ? { type: 'raise_priority', to }
      : { wrong: `cannot do ${said}: it is priority P1 to P5` }
  }
  if (verb === 'assign' && rest.length) {
    const to = parseTarget(rest)
    if (isWrong(to)) return to
    if (to.type === 'person' || to.type === 'schedule') return { type: 'assign', to }
    return { wrong: `cannot do ${said}: an incident is assigned to a person or a schedule` }
  }
  if (/^open[ _]channel$/i.test(said)) return { type: 'open_channel' }
  return {
    wrong: `cannot do ${said}: it may do priority P1, assign PERSON, assign schedule NAME or open channel`,
  }
}
