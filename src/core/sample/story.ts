import type { Label } from '../labels.ts'

export const title = 'Production Database Slowdown'
export const description =
  'Queries on the production database take 20 times as long as usual; requests through the gateway time out.'
export const businessImpact =
  'One order in three fails at payment. The evening campaign starts at 18:00 and would triple the load.'
export const affectedServices = ['API Gateway', 'PostgreSQL', 'Redis']
export const affectedCustomers = ['Acme', 'Globex', 'Initech']
export const customersAffected = 500
export const direct = { amount: '25000.00', what: 'two emergency replicas and the on-call contractor' }
export const penalty = { amount: '50000.00', what: 'SLA penalties of three customers if it lasts four hours' }

export type Step = {
  /** Minutes since it was declared. */
  minute: number
  /** The console's id of who did it. */
  by: string
  operation: string
  old?: Record<string, unknown>
  new?: Record<string, unknown>
  label?: Label
}

/** What happened so far. It is open and nobody's yet: whoever tries Tocsin takes it from here. */
export const story: Step[] = [
  { minute: 0, by: 'pat', operation: 'create_incident', new: { title, priority: 'P3' } },
  {
    minute: 1,
    by: 'pat',
    operation: 'comment',
    new: { text: 'Every third order fails with a timeout. Started a few minutes ago.', visibility: 'public' },
  },
  {
    minute: 3,
    by: 'olga',
    operation: 'update_priority',
    old: { priority: 'P3' },
    new: { priority: 'P1' },
  },
  {
    minute: 4,
    by: 'olga',
    operation: 'update_business_impact',
    new: { business_impact: businessImpact },
    label: ['view_business_impact'],
  },
  {
    minute: 5,
    by: 'ida',
    operation: 'update_services',
    old: { services: [] },
    new: { services: affectedServices },
  },
  {
    minute: 6,
    by: 'ida',
    operation: 'comment',
    new: {
      text: 'PostgreSQL is out of connections: a migration holds a lock on orders, Redis misses send everything there.',
      visibility: 'internal',
    },
    label: ['view_internal'],
  },
  {
    minute: 8,
    by: 'carla',
    operation: 'update_customers',
    new: { customers: affectedCustomers, customers_affected: customersAffected },
    label: ['list_customers', 'view_customer_impact'],
  },
  {
    minute: 9,
    by: 'carla',
    operation: 'comment',
    new: {
      text: 'Acme and Globex have called. I told them that we are looking into it.',
      visibility: 'public',
    },
  },
  {
    minute: 10,
    by: 'finn',
    operation: 'record_cost',
    new: { kind: 'direct', amount: direct.amount, text: direct.what },
    label: ['view_cost_impact'],
  },
  {
    minute: 10,
    by: 'finn',
    operation: 'record_cost',
    new: { kind: 'penalty', amount: penalty.amount, text: penalty.what },
    label: ['view_cost_impact'],
  },
  {
    minute: 11,
    by: 'maya',
    operation: 'comment',
    new: { text: 'Nobody has it yet. Who takes it?', visibility: 'public' },
  },
]
