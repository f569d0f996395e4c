/** How the page speaks to the server. Every failure becomes one sentence. */

/** Names this page, so that a dialog opens where its button was pressed. */
export const pageId = crypto.randomUUID()

export class Problem extends Error {
  constructor(status, answer) {
    super(answer?.error ?? answer?.message ?? `The console answered ${status}.`)
    this.status = status
    this.answer = answer
  }
}

async function call(path, options) {
  let response
  try {
    response = await fetch(path, options)
  } catch {
    throw new Problem(0, { error: 'The console cannot be reached. Nothing was sent; is Tocsin running?' })
  }
  const answer = await response.json().catch(() => undefined)
  if (!response.ok) throw new Problem(response.status, answer)
  return answer
}

export const getState = (channel) =>
  call(`/console/state${channel ? `?channel=${encodeURIComponent(channel)}` : ''}`)

/** Without being anybody. */
export const getPeople = () => call('/console/state', { credentials: 'omit' })

const post = (path, body) =>
  call(path, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  })

const withEvent = (body) => ({ eventId: crypto.randomUUID(), ...body })

export const chooseSession = (user) => post('/console/session', { user })
/** The same `eventId` sent twice is done once: sending again after a broken line keeps it. */
export const sendMessage = (message) => post('/console/message', { ...message, page: pageId })
export const sendAction = (message, action) =>
  post('/console/action', withEvent({ message, action, page: pageId }))
export const sendForm = (form) => post('/console/form', withEvent(form))

/**
 * Live updates. The browser comes back by itself after a broken line; after a refusal it gives up, and `lost` is
 * told so that the page can begin anew.
 */
export function listen(cursor, handlers) {
  const source = new EventSource(`/console/events?page=${pageId}&after=${encodeURIComponent(cursor)}`)
  for (const name of ['message', 'draft', 'status', 'form', 'reset', 'switched', 'hello'])
    source.addEventListener(name, (event) => handlers[name]?.(JSON.parse(event.data)))
  source.onerror = () => {
    if (source.readyState === EventSource.CLOSED) handlers.lost()
    else handlers.waiting()
  }
  return () => source.close()
}
