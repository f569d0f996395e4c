/** What happens to incidents, as programs are told of it. */
export const eventNames = [
  'incident.declared',
  'incident.acknowledged',
  'incident.updated',
  'incident.escalated',
  'incident.resolved',
  'incident.closed',
  'incident.reopened',
  'incident.cancelled',
] as const
export type EventName = (typeof eventNames)[number]

/** What a webhook may ask for: names, or all of them. */
export const eventWishes = [...eventNames, 'incident.*', '*'] as const
export type EventWish = (typeof eventWishes)[number]

/** The wishes that this event fulfils. */
export const wishesFor = (name: EventName): EventWish[] => [name, 'incident.*', '*']
