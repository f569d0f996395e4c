import { isTie } from '../policies/match.ts'
import { tieSentence } from '../policies/save.ts'
import type { PolicyEntry, TargetEntry } from './policy-schema.ts'

type Path = PropertyKey[]
type Kind = 'team' | 'category' | 'department' | 'service' | 'schedule' | 'person' | 'webhook'

/** What policies name must be in the file, and two that would tie are refused at the second one. */
export function checkPolicies(
  policies: readonly PolicyEntry[],
  need: (kind: Kind, value: string | undefined, path: Path) => void,
  refuse: (path: Path, wrong: string) => void,
): void {
  for (const [index, policy] of policies.entries()) {
    const path = ['policies', index]
    for (const kind of ['team', 'category', 'department', 'service'] as const) {
      need(kind, policy.when[kind], [...path, 'when', kind])
    }
    const named = (target: Pick<TargetEntry, 'schedule' | 'team' | 'person' | 'webhook'>, at: Path) => {
      for (const kind of ['schedule', 'team', 'person', 'webhook'] as const) {
        need(kind, target[kind], [...at, kind])
      }
    }
    for (const [at, step] of policy.steps.entries()) {
      const here = [...path, 'steps', at]
      for (const [place, target] of step.notify.entries()) named(target, [...here, 'notify', place])
      for (const [place, { assign }] of step.do.entries()) {
        if (assign) named(assign, [...here, 'do', place, 'assign'])
      }
    }
    if (policy.nobody) {
      named(policy.nobody, [...path, 'nobody'])
      const { channel = {} } = policy.nobody
      if (Object.keys(channel).length > 1) refuse([...path, 'nobody', 'channel'], 'must be one channel')
    }
    const one = conditionalOf(policy)
    const tied = policies
      .slice(0, index)
      .map(conditionalOf)
      .find((other) => isTie(one, other))
    if (tied) refuse([...path, 'when'], `leaves a tie: ${tieSentence(one, tied).replace(/\.$/, '')}`)
  }
}

/** Names stand for ids: within the file they are as good. */
const conditionalOf = ({ name, when }: PolicyEntry) => ({
  name,
  conditions: {
    priority: when.priority,
    teamId: when.team?.toLowerCase(),
    category: when.category?.toLowerCase(),
    department: when.department?.toLowerCase(),
    serviceId: when.service?.toLowerCase(),
  },
})
