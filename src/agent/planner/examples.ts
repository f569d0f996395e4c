/** One example for a tool, the likeliest wanted first. */
const examples: [string, string][] = [
  ['acknowledge', 'ack INC-001'],
  ['update_priority', 'priority INC-001 P1'],
  ['create_incident', 'declare an incident: Checkout is down'],
  ['view_incident_details', 'show INC-001'],
  ['comment', 'note on INC-001: failing over'],
]

/** What this person's tools allow, at most three and always with the two that everybody has. */
export const examplesFor = (tools: string[]): string[] => [
  ...examples
    .filter(([tool]) => tools.includes(tool))
    .slice(0, 3)
    .map(([, example]) => example),
  ...(tools.includes('list_incidents') ? ['list open'] : []),
  'help',
]
