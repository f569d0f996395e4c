import type { Label } from '../../core/labels.ts'
import type { PartData } from '../../core/outcome.ts'
import { livePolicies, type StoredPolicy } from '../../core/policies/load.ts'
import { plainName } from '../../core/schedules/words.ts'
import { conflict, notFound } from '../../errors.ts'
import type { Scope } from '../define.ts'

/** Policies name people, their addresses and channels: they are for those who manage them. */
export const policyLabel: Label = ['manage_policies']
/** Who may read what administrators change. */
export const auditLabel: Label = ['view_audit']

/** The policy that somebody named: exact whatever the case, else the beginning of exactly one name. */
export async function namedPolicy({ tx, orgId }: Scope, words: string): Promise<StoredPolicy> {
  const policies = await livePolicies(tx, orgId)
  const wanted = plainName(words)
  const exact = policies.find(({ name }) => plainName(name) === wanted)
  if (exact) return exact
  const begun = policies.filter(({ name }) => plainName(name).startsWith(wanted))
  if (begun.length === 1) return begun[0]!
  const names = (begun.length ? begun : policies).map(({ name }) => name).slice(0, 10)
  if (begun.length) {
    throw conflict(`${words} may be the policy ${names.join(', ')}. Write the whole name.`, {
      allowed: names,
    })
  }
  throw notFound(
    `There is no policy called ${words}${names.length ? '' : '; there are none yet'}.`,
    names.length ? { allowed: names } : {},
  )
}

/** What the configuration file sets is changed there. */
export function refuseFilePolicy({ name, fromFile }: StoredPolicy, undone: string): void {
  if (!fromFile) return
  throw conflict(
    `${name} was not ${undone}: the configuration file sets it. Change it there and apply the file.`,
    { field: 'name' },
  )
}

/** A button that opens the dialog; `values` say for which policy. */
export const policyButton = (
  text: string,
  values: Record<string, unknown> = {},
): Extract<PartData, { kind: 'dialogs' }>['dialogs'][number] => ({ text, form: 'save_policy', values })
