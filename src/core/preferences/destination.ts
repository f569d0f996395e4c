import type { CarrierName, Route } from '../../ports/platform.ts'
import type { Organisation, Recipient } from './load.ts'

/** Where a way leads, or why it does not. */
export type Destination = { carrier: CarrierName; workspaceId: string; route: Route } | { lacking: string }

/** Where `route` leads for this person; for what does not exist, what is lacking, in words. */
export function destinationFor(route: string, person: Recipient, organisation: Organisation): Destination {
  switch (route) {
    case 'chat':
    case 'slack':
    case 'teams':
    case 'console': {
      const account = person.accounts.find(({ platform }) => route === 'chat' || platform === route)
      if (!account)
        return { lacking: route === 'chat' ? 'no chat account is known' : `no account in ${route}` }
      return {
        carrier: account.platform,
        workspaceId: account.workspaceId,
        route: { type: 'person', user: account.user },
      }
    }
    case 'email':
    case 'sms': {
      const [address, what] =
        route === 'email' ? [person.email, 'e-mail address'] : [person.phone, 'telephone number']
      const workspaceId = organisation.carriers[route]
      if (!address) return { lacking: `no ${what}` }
      if (!workspaceId) return { lacking: `${route === 'email' ? 'e-mail' : 'SMS'} is not set up here` }
      return { carrier: route, workspaceId, route: { type: 'person', user: address } }
    }
    default: {
      const channel = organisation.webhooks[route.toLowerCase()]
      const workspaceId = organisation.carriers.webhook
      if (!channel || !workspaceId) return { lacking: 'there is no webhook of this name' }
      return { carrier: 'webhook', workspaceId, route: { type: 'channel', channel } }
    }
  }
}
