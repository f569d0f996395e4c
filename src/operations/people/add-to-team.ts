import { defineOperation } from '../define.ts'
import { changeMembership, membershipInput, membershipPermission } from './team-membership.ts'
import { teamThenPerson } from './words.ts'

export const addToTeam = defineOperation({
  name: 'add_to_team',
  summary: 'Add a person to a team.',
  input: membershipInput,
  permission: membershipPermission,
  effect: 'write',
  undone: 'The team was not changed',
  tool: false,
  verb: { words: ['teams', 'add'], usage: 'teams add TEAM PERSON', parse: teamThenPerson },
  run: (scope, input) => changeMembership(scope, input, true),
})
