import { sql } from 'kysely'
import { writeDuration } from '../core/duration.ts'
import { priorities } from '../core/incidents.ts'
import { livePolicies } from '../core/policies/load.ts'
import { loadNames, writtenOf } from '../core/policies/names.ts'
import { stepExample } from '../core/policies/parse-steps.ts'
import { printSteps, printTarget } from '../core/policies/print-steps.ts'
import type { WrittenPolicy } from '../core/policies/written.ts'
import type { OrgTx } from '../db/pool.ts'
import { conflict, notFound, type TocsinError } from '../errors.ts'
import type { Form, FormField } from '../messages/card.ts'

/** What a select can offer (Slack: 100); beyond it the name is typed. */
const mostOptions = 100

/** What a field takes (Slack: 3,000 characters). */
const longestSteps = 3000

type Choices = { teams: string[]; categories: string[]; departments: string[]; services: string[] }

/**
 * The dialog of one policy, or of a new one.
 * @param name of the policy that a button was for; anything else is a new one.
 */
export async function makePolicyForm(org: OrgTx, name: unknown): Promise<Form | TocsinError> {
  const { tx, orgId } = org
  const choices = await loadChoices(org)
  if (typeof name !== 'string' || !name) return policyForm(choices)
  const policy = (await livePolicies(tx, orgId)).find(
    (each) => each.name.toLowerCase() === name.toLowerCase(),
  )
  if (!policy) return notFound(`There is no policy called ${name.slice(0, 60)} any more.`)
  if (policy.fromFile) {
    return conflict(
      `${policy.name} was not changed: the configuration file sets it. Change it there and apply the file.`,
    )
  }
  const written = writtenOf(policy, await loadNames(tx, orgId, [policy]))
  if (printSteps(written.steps).length > longestSteps) {
    // Cut short it would be saved cut short.
    return conflict(
      `${policy.name} is too long for a dialog. Change it by its line: policies show ${policy.name}`,
    )
  }
  return policyForm(choices, { ...written, version: policy.version })
}

async function loadChoices({ tx, orgId }: OrgTx): Promise<Choices> {
  const { rows } = await sql<Choices>`select
    array(select name from teams where org_id = ${orgId} order by name) as teams,
    array(select name from categories where org_id = ${orgId} order by name) as categories,
    array(select name from departments where org_id = ${orgId} order by name) as departments,
    array(select name from services where org_id = ${orgId} and active order by name) as services`.execute(tx)
  return rows[0]!
}

const policyForm = (choices: Choices, policy?: WrittenPolicy & { version: number }): Form => ({
  operation: 'save_policy',
  title: policy ? 'Edit a policy' : 'New policy',
  submit: 'Save',
  hidden: policy ? { policy: policy.name, version: String(policy.version) } : { create: 'yes' },
  fields: [
    { name: 'name', label: 'Name', type: 'text', maxLength: 60, value: policy?.name },
    {
      name: 'priority',
      label: 'Priority',
      type: 'select',
      optional: true,
      hint: 'This one and the more urgent ones; all conditions must hold, none means every incident',
      value: policy?.when.priority,
      options: optionsOf([...priorities]),
    },
    ...choice('team', 'Team', choices.teams, policy?.when.team),
    ...choice('category', 'Category', choices.categories, policy?.when.category),
    ...choice('department', 'Department', choices.departments, policy?.when.department),
    ...choice('service', 'Service', choices.services, policy?.when.service),
    {
      name: 'steps',
      label: 'Steps',
      type: 'multiline',
      maxLength: longestSteps,
      hint: `A line each, its delay first: ${stepExample}`,
      value: policy && printSteps(policy.steps),
    },
    {
      name: 'repeats',
      label: 'Repeats',
      type: 'text',
      maxLength: 3,
      optional: true,
      hint: 'Further rounds when nobody acknowledges',
      value: policy?.repeats ? String(policy.repeats) : undefined,
    },
    {
      name: 'nobody',
      label: 'When nobody answered',
      type: 'text',
      maxLength: 200,
      optional: true,
      hint: 'Who or what is told then, for example channel C0123456789',
      value: policy?.nobody && printTarget(policy.nobody),
    },
    {
      name: 'acknowledged_for',
      label: 'Acknowledged for',
      type: 'text',
      maxLength: 12,
      optional: true,
      hint: 'After so long without progress it escalates again, for example 30m',
      value: policy?.acknowledgedForSeconds ? writeDuration(policy.acknowledgedForSeconds) : undefined,
    },
  ],
})

const optionsOf = (names: string[]) => names.map((name) => ({ value: name, text: name }))

/**
 * Nothing to choose from is no field; more than a list can hold, or names that it cannot, are typed. What stands there
 * is among the choices though it be gone elsewhere: whoever saves it again hears of it.
 */
function choice(name: string, label: string, known: string[], value?: string): FormField[] {
  const names = value !== undefined && !known.includes(value) ? [value, ...known] : known
  if (!names.length) return []
  const listed = names.length <= mostOptions && names.every((each) => each.length <= 75)
  return [
    listed
      ? { name, label, type: 'select', optional: true, value, options: optionsOf(names) }
      : { name, label, type: 'text', optional: true, value, maxLength: 80 },
  ]
}
