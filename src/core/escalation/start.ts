import type { OrgTx } from '../../db/pool.ts'
import type { ChannelTarget } from '../announce.ts'
import { policyFor } from '../policies/match.ts'
import type { Policy } from '../policies/policy.ts'
import { type Escalating, insertEscalation, liveEscalation } from './escalation.ts'
import { tellReachesNobody, whyNobody } from './nobody.ts'
import { beginning } from './progress.ts'
import { takeSteps } from './take.ts'

/**
 * Starts paging for an incident, in the transaction that made it need somebody. A first step without a delay is taken
 * here, so that nobody waits for a tick.
 * @param shownIn where a new incident's cards are about to stand; otherwise they stand already.
 * @returns a sentence when nobody would be reached; the channels and the administrators are told as well.
 */
export async function startEscalation(
  scope: OrgTx,
  incident: Escalating & { version: number },
  shownIn?: ChannelTarget[],
): Promise<string | undefined> {
  const { tx, orgId } = scope
  const policy = await policyFor(tx, orgId, incident)
  await begin(scope, incident, policy, shownIn)
  // Its first step may raise the priority: what was said of the policy that applies then is all there is to say.
  if (policy.steps[0]!.actions.length) {
    const live = await liveEscalation(tx, orgId, incident.id)
    if (live && live.policyId !== (policy.id ?? null)) return undefined
  }
  const nobody = await whyNobody(scope, incident, policy)
  if (nobody) await tellReachesNobody(scope, incident, nobody, shownIn)
  return nobody
}

async function begin(
  scope: OrgTx,
  incident: Escalating & { version: number },
  policy: Policy,
  shownIn?: ChannelTarget[],
): Promise<void> {
  const { tx, orgId, now } = scope
  const progress = beginning(policy, now)
  const escalationId = await insertEscalation(tx, orgId, incident.id, policy, progress)
  if (progress.dueAt <= now) await takeSteps(scope, [{ escalationId, incident, policy, progress }], shownIn)
}
