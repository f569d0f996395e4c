import { chooseSession, getPeople, getState, listen, sendAction, sendForm, sendMessage } from './api.js'
import { createComposer } from './composer.js'
import { closeForm, confirmFirst, openForm } from './dialogs.js'
import { announce, createMessages } from './messages.js'
import { createPlaces } from './places.js'
import { showWelcome } from './welcome.js'

const byId = (id) => document.getElementById(id)
const remembered = 'tocsin-console-person'
const refreshMs = 60_000
const thinkingMs = 90_000

let state
let thread
/** What was sent and not yet taken. */
let unsent
let stopListening = () => {}
let retryMs = 1_000
/** Which load is the newest: an older one that answers late is dropped. */
let turn = 0

const composer = createComposer({
  context: () => ({ verbs: state?.verbs ?? [], people: state?.people ?? [], direct: isDirect() }),
  async send(text) {
    const { channel } = state
    if (unsent?.text !== text || unsent.channel !== channel)
      unsent = { eventId: crypto.randomUUID(), channel, text }
    await sendMessage({ ...unsent, ...(thread && { thread: thread.id }) })
    unsent = undefined
    messages.toEnd()
  },
})
const messages = createMessages({ act, reply, me: () => state?.me.user })
const places = createPlaces({ enter: (channel) => load(channel), become })
byId('replying-stop').addEventListener('click', () => {
  reply(undefined)
  composer.focus()
})

const isDirect = () => Boolean(state?.me) && state.channel === state.me.direct

function connection(text, kind) {
  byId('connection').textContent = text
  byId('connection').dataset.state = kind
}

/** Shows a channel, the one before where none is named; tries again while the server cannot be reached. */
async function load(channel = state?.channel) {
  const mine = ++turn
  stopListening()
  try {
    const next = await stateFor(channel)
    if (mine !== turn) return
    show(next)
    retryMs = 1_000
  } catch (error) {
    if (mine !== turn) return
    connection('Not connected', 'off')
    composer.complain(error.message)
    setTimeout(() => mine === turn && load(channel), retryMs)
    retryMs = Math.min(retryMs * 2, 10_000)
  }
}

async function stateFor(channel) {
  try {
    const found = await getState(channel)
    if (found.me) return found
    const wanted = localStorage.getItem(remembered)
    const person = found.people.find(({ user }) => user === wanted) ?? found.people[0]
    if (!person) throw new Error('There is nobody here yet. Nothing can be tried until people are set up.')
    await chooseSession(person.user)
    return await getState()
  } catch (error) {
    // The channel was another person's own, or is gone; or the person is gone.
    if (error.status === 404 && channel) return getState()
    if (error.status === 401) {
      const { people } = await getPeople()
      if (people[0]) await chooseSession(people[0].user)
      return getState()
    }
    throw error
  }
}

function show(next) {
  const moved = next.channel !== state?.channel || next.me.user !== state?.me.user
  state = next
  if (moved) {
    messages.clear()
    composer.clear()
    reply(undefined)
    think()
  }
  composer.complain()
  places.show(state)
  byId('room-name').textContent = places.name(state.channel)
  byId('room-note').textContent = isDirect()
    ? 'Only you and Tocsin read this.'
    : 'Everyone here reads this. Tocsin reads /incident and @Tocsin.'
  composer.label(`Message to ${places.name(state.channel)}`)
  composer.placeholder(placeholder())
  for (const message of next.messages) messages.upsert(message, { follow: moved })
  welcome()
  if (moved) messages.toEnd()
  follow()
}

const placeholder = () => {
  if (isDirect()) return 'Ask Tocsin, or type a verb'
  return matchMedia('(max-width: 760px)').matches
    ? 'Message or /incident'
    : '/incident …, @Tocsin …, or a word to everyone'
}

const welcome = () => showWelcome(messages.count() === 0, isDirect(), composer.fill)

function follow() {
  stopListening()
  stopListening = listen(state.cursor, {
    hello: () => connection('Live', 'on'),
    waiting: () => connection('Reconnecting', 'waiting'),
    lost: () => {
      connection('Reconnecting', 'waiting')
      setTimeout(() => load(), retryMs)
      retryMs = Math.min(retryMs * 2, 10_000)
    },
    reset: () => load(),
    switched: () => load(),
    message: arrived,
    draft: grown,
    status: ({ channel, text }) => channel === state.channel && think(text),
    form: opened,
  })
}

function arrived(view) {
  const own = view.from?.user === state.me.user
  if (view.channel !== state.channel) {
    if (!own && !view.edited) places.count(view.channel)
    if (!places.knows(view.channel)) load()
    return
  }
  const known = messages.has(view.id)
  messages.upsert(view, { follow: own })
  if (!view.from) think()
  if (!own && !known) announce(view)
  welcome()
}

function grown(draft) {
  if (draft.channel !== state.channel) return
  think()
  if (draft.gone) messages.remove(draft.id)
  else messages.upsert({ ...draft, from: null, growing: true })
  welcome()
}

let thinkingTimer
function think(text) {
  clearTimeout(thinkingTimer)
  const line = byId('thinking')
  line.hidden = !text
  line.textContent = text ? text.replace(/[.…]*$/, '') : ''
  if (!text) return
  line.scrollIntoView({ block: 'nearest' })
  thinkingTimer = setTimeout(think, thinkingMs)
}

function reply(view) {
  thread = view && { id: view.thread ?? view.id }
  byId('replying').hidden = !view
  byId('replying-text').textContent = view
    ? `In the thread of ${view.from?.name ?? 'Tocsin'}: ${(view.summary ?? view.text ?? '').slice(0, 80)}`
    : ''
  if (view) composer.focus()
}

async function act(view, { data, button, style }) {
  if (!data.action || button?.dataset.busy) return
  if (data.confirm && !(await confirmFirst(data.confirm, style === 'destructive')))
    return void button?.focus()
  if (button) button.dataset.busy = 'yes'
  composer.complain()
  try {
    await sendAction(view.id, data.action)
  } catch (error) {
    composer.complain(error.message)
  }
  // The card usually changes before this; a button whose card stays is pressable again.
  setTimeout(() => button && delete button.dataset.busy, 700)
}

function opened({ channel, thread: inThread, form }) {
  openForm(form, async ({ operation, hidden, values }) => {
    try {
      await sendForm({ channel, ...(inThread && { thread: inThread }), operation, hidden, values })
      return { ok: true }
    } catch (error) {
      return { ok: false, errors: error.answer?.errors, message: error.message }
    }
  })
}

async function become(user) {
  turn += 1
  stopListening()
  closeForm()
  try {
    await chooseSession(user)
    localStorage.setItem(remembered, user)
    places.forget()
  } catch (error) {
    composer.complain(error.message)
  }
  await load(isDirect() ? `direct:${user}` : state?.channel)
}

setInterval(async () => {
  if (document.hidden || !state) return
  const asked = state.channel
  const next = await getState(asked).catch(() => undefined)
  if (next?.me?.user !== state.me.user || next.channel !== state.channel) return
  for (const message of next.messages) messages.freshen(message)
  state.verbs = next.verbs
}, refreshMs)

load().then(() => composer.focus())
