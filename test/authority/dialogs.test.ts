import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { everyone } from './cast.ts'
import { may } from './matrix.ts'
import { walked } from './registry.ts'
import {
  byAdministrators,
  byDepartment,
  byRank,
  byRelation,
  byStrangers,
  byTeam,
  chooser,
  nothingOfTheirs,
} from './selections.ts'
import { prepare } from './slots.ts'
import { cardWith, dialog } from './surfaces.ts'
import { walk } from './walk.ts'
import { openWorld, type World } from './world.ts'

vi.setConfig({ testTimeout: 60_000 })

/** What a dialog sends, by everybody: those too who were never shown it, or were shown fewer fields. */
const choose = chooser(1)
let world: World
beforeAll(async () => {
  world = await openWorld({ copies: 1, slots: 36 })
}, 90_000)
afterAll(() => world.tocsin.stop())

describe('by dialog, exactly those whom the design allows', () => {
  test.each(walked.filter(({ operation }) => dialog.takes({ operation, example: {} as never })))(
    '$name',
    async (each) => {
      const [example, ...others] = each.examples
      const questions = everyone().map((who) => ({
        operation: each.operation,
        example,
        who,
        on: nothingOfTheirs,
      }))
      const variants = { ...each, examples: others }
      const onIncident =
        each.operation.subject === 'incident' ? [...byRelation(each, choose), ...byTeam(each, choose)] : []
      const rest = [
        ...byRank(variants, choose),
        ...byDepartment(variants, choose),
        ...byAdministrators(each),
        ...byStrangers(each),
      ]
      expect(await walk(world, dialog, [...questions, ...onIncident, ...rest])).toEqual([])
    },
  )
})

/** The fields of each dialog, and what each of them takes. */
const fields: Record<string, { opens: string[]; each: Record<string, string> }> = {
  create_incident: {
    opens: ['create_incident'],
    each: { Title: 'create_incident', Description: 'create_incident', Priority: 'update_priority' },
  },
  update_incident: {
    opens: ['update_status', 'update_priority', 'comment'],
    each: { Status: 'update_status', Priority: 'update_priority', Note: 'comment' },
  },
  reopen: { opens: ['update_status'], each: { Reason: 'update_status' } },
  save_policy: {
    opens: ['manage_policies'],
    each: Object.fromEntries(
      [
        ...['Name', 'Priority', 'Team', 'Department', 'Service', 'Steps', 'Repeats'],
        ...['When nobody answered', 'Acknowledged for'],
      ].map((label) => [label, 'manage_policies']),
    ),
  },
}

test.each(Object.entries(fields))(
  'the dialog %s shows everybody the fields that they may set',
  async (name, of) => {
    const { slack, sql } = world.tocsin
    slack.state.triggerMs = 60_000
    await prepare(
      sql,
      everyone().map((who, index) => ({
        slot: world.slots[index]!,
        person: world.idOf(who.user),
        on: nothingOfTheirs,
        status: name === 'reopen' ? 'RESOLVED' : 'OPEN',
      })),
    )
    slack.state.views.length = 0
    const shown = await Promise.all(
      everyone().map(async (who, index) => {
        await world.pace(who.user)
        const values = { incident: world.slots[index]!.key }
        const sent = await slack
          .as(who.user)
          .click(cardWith('C0FORMS', { type: 'form', form: name, values }), 'Do it')
        const answer = () => slack.state.messages.find(({ hook }) => hook === sent.hook)
        await slack.waitFor(() => slack.modals(who.user)[0] ?? answer(), { timeoutMs: 40_000 })
        const refusal = answer()
        if (refusal) return slack.textOf(refusal)
        return slack.modals(who.user)[0]!.blocks.map((block) => ('label' in block ? block.label.text : ''))
      }),
    )
    const wanted = everyone().map((who) =>
      of.opens.some((permission) => may(who, permission))
        ? Object.keys(of.each).filter((field) => may(who, of.each[field]!))
        : expect.stringMatching(new RegExp(`needs ${of.opens[0]}\\.[^]* can\\.`)),
    )
    expect(shown).toEqual(wanted)
  },
)
