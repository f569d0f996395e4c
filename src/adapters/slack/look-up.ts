import type { WebClient } from '@slack/web-api'
import type { Receipt } from '../../ports/platform.ts'

export const metadataType = 'tocsin_delivery'
const pages = 5
/** Slack's clock and ours may differ. */
const marginSeconds = 600

/** A delivery's id is a UUIDv7, whose first 48 bits are the millisecond it was made: no message is older. */
export const notBefore = (id: string): string | undefined => {
  if (!/^[0-9a-f]{8}-[0-9a-f]{4}-7/i.test(id)) return undefined
  const made = Number.parseInt(id.replaceAll('-', '').slice(0, 12), 16) / 1000
  return (made - marginSeconds).toFixed(6)
}

type Found = { ts?: string; metadata?: { event_type?: string; event_payload?: object } }
const carries = (message: Found, id: string): boolean =>
  message.metadata?.event_type === metadataType &&
  (message.metadata.event_payload as { id?: unknown } | undefined)?.id === id

/** Looks for a message that an earlier try may have left: chat.postMessage has no idempotency key. */
export const lookUp = async (
  client: WebClient,
  place: { channel: string; thread?: string },
  id: string,
): Promise<Receipt | undefined> => {
  const { channel, thread } = place
  const common = { channel, oldest: notBefore(id), include_all_metadata: true, limit: 200 }
  let cursor: string | undefined
  for (let page = 0; page < pages; page += 1) {
    const result = thread
      ? await client.conversations.replies({ ...common, ts: thread, cursor })
      : await client.conversations.history({ ...common, cursor })
    const messages = (result.messages ?? []) as Found[]
    const found = messages.find((message) => carries(message, id))
    if (found?.ts) return { channel, message: found.ts, thread }
    cursor = result.response_metadata?.next_cursor
    if (!cursor) return undefined
  }
  return undefined
}
