import { defineOperation } from '../define.ts'
import { changeMembership, membershipInput, membershipPermission } from './team-membership.ts'
import { teamThenPerson } from './words.ts'

export const removeFromTeam = defineOperation({
  name: 'remove_from_team',
  summary: 'Remove a person from a team.',
  input: membershipInput,
  permission: membershipPermission,
  effect: 'write',
  undone: 'The team was not changed',
  tool: false,
  verb: { words: ['teams', 'remove'], usage: 'teams remove TEAM PERSON', parse: teamThenPerson },
  run: (scope, input) => changeMembership(scope, input, false),
})
