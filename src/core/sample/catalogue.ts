/** Channels of the console, with what may be said in them. */
export const channels = [
  { channel: 'general', name: '#general' },
  { channel: 'incidents', name: '#incidents', announces: true },
  { channel: 'payments', name: '#payments', team: 'payments' },
  { channel: 'finance', name: '#finance', clearance: ['view_cost_impact'] },
] as const

export const teams = ['payments', 'platform'] as const

export const categories = [
  { name: 'Database', department: 'IT' },
  { name: 'Network', department: 'IT' },
  { name: 'Logistics', department: 'OPS' },
  { name: 'Billing', department: 'FINANCE' },
  { name: 'Customer', department: 'CSM' },
] as const

export const services = [
  { name: 'PostgreSQL', team: 'platform', critical: true, cost: 450 },
  { name: 'Redis', team: 'platform', critical: false, cost: 80 },
  { name: 'API Gateway', team: 'platform', critical: true, cost: 300 },
  { name: 'Checkout', team: 'payments', critical: true, cost: 600 },
  { name: 'Search', team: 'platform', critical: false, cost: 40 },
] as const

export const customers = [
  {
    name: 'Acme',
    contact: 'ops@acme.example',
    services: ['API Gateway', 'Checkout'],
    sla: { response_minutes: 30, resolution_minutes: 240, penalty: 25_000 },
  },
  {
    name: 'Globex',
    contact: 'incidents@globex.example',
    services: ['PostgreSQL', 'API Gateway'],
    sla: { response_minutes: 15, resolution_minutes: 120, penalty: 20_000 },
  },
  {
    name: 'Initech',
    contact: 'support@initech.example',
    services: ['API Gateway'],
    sla: { response_minutes: 60, resolution_minutes: 480, penalty: 5_000 },
  },
  { name: 'Umbrella Retail', contact: 'it@umbrella.example', services: ['Checkout', 'Search'], sla: null },
] as const
