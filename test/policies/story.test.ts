import { afterAll, beforeAll, expect, test } from 'vitest'
import { voices } from '../stories/speak.ts'
import { startTocsin, type Tocsin } from '../support/app.ts'
import type { SlackView } from '../support/slack-state.ts'

let tocsin: Tocsin
beforeAll(async () => {
  tocsin = await startTocsin()
})
afterAll(() => tocsin.stop())
const { ask, words } = voices(() => tocsin)

const opened = () => tocsin.slack.waitFor(() => tocsin.slack.modals('UADA')[0], { what: 'the dialog' })
const values = (view: SlackView) =>
  Object.fromEntries(
    view.blocks.flatMap((block) => {
      if (!('label' in block)) return []
      const { element } = block as unknown as {
        element: { initial_value?: string; initial_option?: { value: string } }
      }
      return [[block.label.text, element.initial_value ?? element.initial_option?.value]]
    }),
  )

/** Types a verb and gives the card that answers it. */
async function card(text: string) {
  const sent = await tocsin.slack.as('UADA').command(text, { channel: 'C0GENERAL' })
  return tocsin.slack.answerTo(sent)
}

test('an administrator makes a policy in a dialog; what is wrong is said at its field', async () => {
  const { slack } = tocsin
  const listed = await card('policies')
  expect(words(listed)).toContain('built-in: every incident')
  expect(slack.buttonsOf(listed)).toContain('New policy')
  await slack.as('UADA').click(listed, 'New policy')
  const view = await opened()
  expect(Object.keys(values(view))).toEqual([
    'Name',
    'Priority',
    'Team',
    'Category',
    'Department',
    'Service',
    'Steps',
    'Repeats',
    'When nobody answered',
    'Acknowledged for',
  ])
  const filled = { Name: 'payments', Priority: 'P2', Team: 'payments' }
  await slack.as('UADA').submit(view, { ...filled, Steps: '0s ida@example.com\n5 minutes cto' })
  expect(view.errors).toEqual({ steps: expect.stringContaining('Step 2 does not begin with its delay') })
  await slack.as('UADA').submit(view, { ...filled, Steps: '0s Nora', Repeats: '1' })
  expect(view.errors).toEqual({
    steps: expect.stringContaining('Step 1: There is no active person called Nora.'),
  })
  const steps = '0s ida@example.com\n5m team_lead in team do priority P1'
  await slack
    .as('UADA')
    .submit(view, { ...filled, Steps: steps, 'When nobody answered': 'channel C0INCIDENTS' })
  expect(slack.modals('UADA')).toEqual([])
  expect(await ask('UADA', 'policies show payments')).toContain(
    'policies save payments when priority=P2 team=payments steps 0s ida@example.com; ' +
      '5m team_lead in team do priority P1',
  )
})

test('Edit shows the policy as it is, and refuses what somebody changed meanwhile', async () => {
  const { slack } = tocsin
  await slack.as('UADA').click(await card('policies'), 'Edit payments')
  const view = await opened()
  expect(values(view)).toMatchObject({
    Name: 'payments',
    Priority: 'P2',
    Team: 'payments',
    Steps: '0s ida@example.com;\n5m team_lead in team do priority P1',
  })
  const set = { Name: 'Payments at night', Priority: 'P2', Team: 'payments' }
  await ask('UADA', 'policies save payments when priority=P2 team=payments steps 0s ida@example.com; 5m vp')
  await slack.as('UADA').submit(view, { ...set, Steps: '0s cto' })
  expect(view.errors).toEqual({ name: expect.stringContaining('was changed by somebody meanwhile') })
  await tocsin.slack.as('UADA').click(await card('policies show payments'), 'Edit')
  const anew = await tocsin.slack.waitFor(() => tocsin.slack.modals('UADA')[1], { what: 'the dialog anew' })
  await slack.as('UADA').submit(anew, { ...set, Steps: '0s ida@example.com; 5m team_lead in team' })
  expect(await ask('UADA', 'policies')).toContain('Payments at night: P2 and above · team payments')
})

test('policies test says who would be told of an incident, and nobody else may ask', async () => {
  for (const user of ['UIDA', 'ULENA']) await ask(user, 'whoami')
  await ask('UOLGA', 'declare Checkout is down')
  await ask('UOLGA', 'priority INC-001 P2')
  await ask('UMAYA', 'team INC-001 payments')
  const said = await ask('UADA', 'policies test INC-001')
  expect(said).toContain('INC-001 follows the policy Payments at night: it applies to P2 and above')
  expect(said).toMatch(/1\. now, \d\d:\d\d · ida@example\.com: Ida Torres by Slack/)
  expect(said).toMatch(/2\. \d\d:\d\d · team_lead in team: Lena Lead by Slack/)
  expect(await ask('UIDA', 'policies test INC-001')).toContain('needs manage_policies')
  expect(await ask('UIDA', 'policies')).toContain('needs manage_policies')
})
