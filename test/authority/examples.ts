/** An example of every operation there is. A new operation gets its own here: the walk fails until it has one. */
import { type Example, lacking, type May, nothing } from './example.ts'
import { changing } from './examples-changing.ts'
import { notices } from './examples-notices.ts'
import { policies } from './examples-policies.ts'
import { reading } from './examples-reading.ts'
import { schedules } from './examples-schedules.ts'
import type { Standing } from './matrix.ts'
import { everyPermission, reachOf } from './matrix.ts'

/** manage_teams reaches every team; manage_team the own ones, and from vp on every one. */
const managesTeam = (may: May, _on: Standing) => {
  if (may('manage_teams') || may('manage_team')) return undefined
  return 'manage_team'
}

const administration: Record<string, Example[]> = {
  create_team: [
    {
      missing: lacking('manage_teams'),
      command: ({ word }) => `teams create squad ${word}`,
      input: ({ word }) => ({ name: `squad ${word}` }),
      did: ({ squads }) => squads.length === 1,
    },
  ],
  add_to_team: [
    {
      missing: managesTeam,
      command: ({ team, target }) => `teams add ${team} ${target.email}`,
      input: ({ team, target }) => ({ team, person: target.email }),
      did: ({ target }, _me, { team }) => target.teams.join() === team,
    },
  ],
  remove_from_team: [
    {
      missing: managesTeam,
      given: { target: { member: true } },
      command: ({ team, target }) => `teams remove ${team} ${target.email}`,
      input: ({ team, target }) => ({ team, person: target.email }),
      did: ({ target }) => target.teams.length === 0,
    },
  ],
  find_people: [
    {
      missing: lacking('manage_people'),
      command: ({ target }) => `people find ${target.email}`,
      input: ({ target }) => ({ text: target.email }),
      shows: ({ number }) => new RegExp(`Tara Target ${number}\\b`),
    },
  ],
  set_department: [
    {
      missing: lacking('manage_people'),
      command: ({ target }) => `people department ${target.email} OPS`,
      input: ({ target }) => ({ person: target.email, department: 'OPS' }),
      did: ({ target }) => target.department === 'OPS',
    },
  ],
  set_rank: [
    {
      missing: lacking('manage_people'),
      command: ({ target }) => `people rank ${target.email} cto`,
      input: ({ target }) => ({ person: target.email, rank: 'cto' }),
      did: ({ target }) => target.rank === 'cto',
    },
  ],
  set_administrator: [
    {
      missing: lacking('manage_people'),
      command: ({ target }) => `people admin ${target.email} on`,
      input: ({ target }) => ({ person: target.email, mark: 'on' }),
      did: ({ target }) => target.admin,
    },
  ],
  deactivate_person: [
    {
      missing: lacking('manage_people'),
      command: ({ target }) => `people deactivate ${target.email}`,
      input: ({ target }) => ({ person: target.email }),
      did: ({ target }) => !target.active,
    },
  ],
  activate_person: [
    {
      missing: lacking('manage_people'),
      given: { target: { active: false } },
      command: ({ target }) => `people activate ${target.email}`,
      input: ({ target }) => ({ person: target.email }),
      did: ({ target }) => target.active,
    },
  ],
  show_config: [
    {
      missing: lacking('manage_integrations'),
      command: () => 'config',
      input: () => ({}),
      shows: () => /Example Corp/,
    },
  ],
  search_audit: [
    {
      missing: lacking('view_audit'),
      command: () => 'audit',
      input: () => ({}),
      shows: () => /Audit|audit log/,
    },
  ],
  verify_audit: [
    {
      missing: lacking('view_audit'),
      command: () => 'audit verify',
      input: () => ({}),
      shows: () => /The audit log is whole/,
    },
  ],
  export_audit: [
    {
      missing: lacking('view_audit'),
      command: ({ key }) => `audit export ${key}`,
      input: ({ key }) => ({ text: key }),
      shows: () => /rows, all that you may see/,
      audits: ['export_audit'],
    },
  ],
}

const anywhere: Record<string, Example[]> = {
  create_incident: [
    {
      missing: lacking('create_incident'),
      command: ({ word }) => `declare Declared ${word}`,
      input: ({ word }) => ({ title: `Declared ${word}` }),
      did: ({ declared }, me) => declared.length === 1 && declared[0]!.reporter === me,
    },
    {
      as: 'with a priority',
      missing: lacking('create_incident', 'update_priority'),
      input: ({ word }) => ({ title: `Declared ${word}`, priority: 'P1' }),
      did: ({ declared }) => declared[0]?.priority === 'P1',
    },
  ],
  list_incidents: [
    {
      missing: lacking('view_incident'),
      command: () => 'list P3',
      input: () => ({ priority: 'P3' }),
      shows: () => /INC-\d+/,
    },
  ],
  search_incidents: [
    {
      missing: lacking('view_incident'),
      command: ({ word }) => `search ${word}`,
      input: ({ word }) => ({ text: word }),
      shows: ({ key, word }) => new RegExp(`${key}[^]*${word} broke`),
    },
  ],
  whoami: [
    {
      missing: nothing,
      command: () => 'whoami',
      input: () => ({}),
      shows: (_slot, who) => {
        // Every permission of the design, present where it is held, marked where it is for own teams alone.
        const sides = everyPermission.map((name) => {
          const reach = reachOf(who, name)
          const word = `[ "](?:${name})${reach === 'own' ? ' \\(own teams\\)' : '(?! \\(own)'}(?=[,"\\n]|$)`
          return reach ? `(?=[^]*${word})` : `(?![^]*[ "]${name}(?=[ ,"\\n]|$))`
        })
        return new RegExp(`^(?=[^]*You are ${who.name})${sides.join('')}`)
      },
    },
  ],
  link: [
    {
      missing: nothing,
      command: () => 'link',
      input: () => ({}),
      did: () => true,
      shows: () => /link code/,
    },
  ],
  help: [
    {
      missing: nothing,
      command: () => 'help',
      input: () => ({}),
      shows: () => /whoami/,
    },
  ],
  list_teams: [
    {
      missing: lacking('view_incident'),
      command: () => 'teams',
      input: () => ({}),
      shows: () => /away/,
    },
  ],
  // The answer to be shared held the business impact when it was given.
  share_answer: [
    {
      missing: lacking('view_business_impact'),
      hidden: true,
      input: ({ answer }) => ({ answer }),
      did: () => true,
      shows: () => /Shared (here|in the channel)/,
    },
  ],
}

export const examples: Record<string, Example[]> = {
  ...reading,
  ...changing,
  ...schedules,
  ...policies,
  ...notices,
  ...administration,
  ...anywhere,
}
