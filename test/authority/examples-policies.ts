/** Examples of escalation policies. Each slot has one, `plan` with its number, for a service that is its own. */
import { type Example, lacking } from './example.ts'
import type { Slot } from './slots.ts'

const name = ({ number }: Slot) => `plan${number}`
const missing = lacking('manage_policies')

export const policies: Record<string, Example[]> = {
  list_policies: [{ missing, command: () => 'policies', input: () => ({}), shows: () => /built-in: / }],
  show_policy: [
    {
      missing,
      command: (slot) => `policies show ${name(slot)}`,
      input: (slot) => ({ policy: name(slot) }),
      shows: (slot) => new RegExp(`${name(slot)}: service own${slot.number}\\b`),
    },
  ],
  save_policy: [
    {
      missing,
      command: (slot) => `policies save ${name(slot)} when service=own${slot.number} steps 5m cto`,
      input: (slot) => ({ name: name(slot), service: `own${slot.number}`, steps: '5m cto' }),
      did: ({ policy }) => policy === 2,
    },
  ],
  remove_policy: [
    {
      missing,
      command: (slot) => `policies remove ${name(slot)}`,
      input: (slot) => ({ policy: name(slot) }),
      did: ({ policy }) => policy === null,
    },
  ],
  test_policy: [
    {
      missing,
      command: ({ key }) => `policies test ${key}`,
      input: ({ key }) => ({ incident: key }),
      shows: ({ key }) => new RegExp(`${key} follows the policy quiet`),
    },
  ],
}
