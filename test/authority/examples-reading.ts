/** Examples of what is read of one incident, and of following it, which everybody may who knows of it. */
import { type Example, lacking } from './example.ts'
import { restricted } from './slots.ts'

/** Each fact of an incident, and the permission that shows it. */
const facts: Record<string, RegExp> = {
  view_business_impact: new RegExp(restricted.business_impact),
  view_customer_impact: /4,?321/,
  view_cost_impact: /98,?765/,
  list_customers: /Acme/,
  view_technical_details: /critical, (team )?away|"critical":true/,
  view_internal: new RegExp(restricted.internal),
}
const title = (slot: { word: string }) => new RegExp(`${slot.word} broke`)

export const reading: Record<string, Example[]> = {
  view_incident_details: [
    {
      missing: lacking('view_incident'),
      command: ({ key }) => `show ${key}`,
      input: ({ key }) => ({ incident: key }),
      shows: title,
      sees: facts,
    },
  ],
  summarise: [
    {
      missing: lacking('view_incident'),
      command: ({ key }) => `summary ${key}`,
      input: ({ key }) => ({ incident: key }),
      shows: title,
      sees: facts,
    },
  ],
  view_timeline: [
    {
      missing: lacking('view_incident'),
      command: ({ key }) => `timeline ${key}`,
      input: ({ key }) => ({ incident: key }),
      shows: ({ key }) => new RegExp(`Timeline of ${key}`),
    },
  ],
  follow: [
    {
      missing: lacking('view_incident'),
      command: ({ key }) => `follow ${key}`,
      input: ({ key }) => ({ incident: key }),
      did: ({ people }, me) => people.some((each) => each.person === me && each.relation === 'follower'),
      audits: ({ relation }) => (relation === 'follower' ? [] : ['follow']),
    },
  ],
  unfollow: [
    {
      missing: lacking('view_incident'),
      given: { follows: true },
      command: ({ key }) => `unfollow ${key}`,
      input: ({ key }) => ({ incident: key }),
      did: ({ people }, me) => !people.some((each) => each.person === me && each.relation === 'follower'),
    },
  ],
}
