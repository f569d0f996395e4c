import { z } from 'zod'
import { line } from '../../core/clean-text.ts'
import { uuid } from '../../db/uuid.ts'
import { conflict } from '../../errors.ts'
import { defineOperation } from '../define.ts'
import { said } from './target.ts'
import { joined, tokens } from './words.ts'

export const createTeam = defineOperation({
  name: 'create_team',
  summary: 'Create a team.',
  input: z.object({ name: line(60) }),
  permission: 'manage_teams',
  effect: 'write',
  undone: 'The team was not created',
  tool: false,
  verb: {
    words: ['teams', 'create'],
    usage: 'teams create NAME',
    parse: (rest) => ({ name: joined(tokens(rest)) }),
  },
  run: async (scope, { name }) => {
    const made = await scope.tx
      .insertInto('teams')
      .values({ org_id: scope.orgId, id: uuid(), name })
      .onConflict((oc) => oc.doNothing())
      .returning('id')
      .executeTakeFirst()
    if (!made) throw conflict(`There is a team ${name} already.`)
    await scope.audit({ operation: 'create_team', subject: name, new: { team: name } })
    return said(
      `Team ${name} is there. Add people: teams add ${/\s/.test(name) ? `"${name}"` : name} PERSON.`,
      ['view_incident'],
    )
  },
})
