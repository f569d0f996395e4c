/** An organisation, its people and a stand-in for the model, set up for each test file that imports this. */
import { afterAll, afterEach, beforeAll } from 'vitest'
import { createAgent } from '../../src/agent/loop.ts'
import { openaiModel } from '../../src/agent/openai.ts'
import { createLogger } from '../../src/log.ts'
import { registry } from '../../src/operations/registry.ts'
import { type ModelStandIn, startModelStandIn } from './model-stand-in.ts'
import { createOrganisation, type Member, type Organisation } from './organisation.ts'

export let org: Organisation
export let standIn: ModelStandIn
export let olga: Member
export let ivo: Member
export let pat: Member

beforeAll(async () => {
  org = await createOrganisation()
  standIn = await startModelStandIn({ respond: () => ({ text: 'Nothing to do.' }) })
  olga = await org.member('Olga Brandt', 'OPS', 'oncall_engineer')
  ivo = await org.member('Ivo Lang', 'IT', 'oncall_engineer')
  pat = await org.member('Pat Plain', null, 'user')
  await org.as(olga, 'create_incident', { title: 'Checkout is down' })
})
afterAll(async () => {
  await standIn.stop()
  await org.close()
})
afterEach(() => {
  standIn.requests.length = 0
  standIn.bodies.length = 0
})

export const agent = (limits = {}, options = {}) =>
  createAgent({
    db: org.db,
    registry,
    model: openaiModel({ apiKey: 'sk-secret-key', baseURL: standIn.url, model: 'stand-in', ...options }),
    log: createLogger('silent'),
    limits,
  })
