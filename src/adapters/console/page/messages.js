/** The list of messages: sorted, threads indented, changed in place. */
import { renderCard } from './cards.js'

const byId = (id) => document.getElementById(id)
const element = (tag, className, text) => {
  const made = document.createElement(tag)
  if (className) made.className = className
  if (text !== undefined) made.textContent = text
  return made
}

const clock = new Intl.DateTimeFormat(undefined, { hour: 'numeric', minute: '2-digit' })
const dayAndClock = new Intl.DateTimeFormat(undefined, {
  weekday: 'short',
  day: 'numeric',
  month: 'short',
  hour: 'numeric',
  minute: '2-digit',
})
const shownTime = (at) => {
  const date = new Date(at)
  const today = date.toDateString() === new Date().toDateString()
  return (today ? clock : dayAndClock).format(date)
}

/** A thread under what only one person sees would have no beginning for the others. */
const threadable = (view) => !view.growing && !view.private && !view.channel.startsWith('direct:')

const initials = (name) =>
  name
    .split(/\s+/)
    .map((word) => word[0] ?? '')
    .join('')
    .slice(0, 2)
    .toUpperCase()

/** `act(message, pressed)` when a button is pressed, `reply(message)` to answer in a thread, `me()` the viewer. */
export function createMessages({ act, reply, me }) {
  const list = byId('messages')
  const scroll = byId('scroll')
  const newer = byId('newer')
  /** By id: what is shown and its place in the page. */
  const shown = new Map()

  const atEnd = () => scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < 80
  const toEnd = () => {
    scroll.scrollTop = scroll.scrollHeight
    newer.hidden = true
  }
  newer.addEventListener('click', () => {
    toEnd()
    byId('composer-text').focus()
  })
  // Reachable by keyboard in browsers that do not make scrolling regions so by themselves.
  scroll.tabIndex = 0
  scroll.addEventListener(
    'scroll',
    () => {
      if (atEnd()) newer.hidden = true
    },
    { passive: true },
  )

  function line(view) {
    const row = element('div', 'line')
    const name = view.from?.name ?? 'Tocsin'
    const avatar = element('span', 'avatar', view.from ? initials(name) : '')
    avatar.setAttribute('aria-hidden', 'true')
    const content = element('div', 'content')
    const meta = element('p', 'meta')
    const time = element('time', 'time', shownTime(view.at))
    time.dateTime = view.at
    time.title = new Date(view.at).toLocaleString()
    meta.append(element('strong', 'name', name), time)
    if (view.private) meta.append(element('span', 'mark', 'Only you can see this'))
    if (view.edited) {
      const edited = element('span', 'edited', 'updated')
      edited.title = new Date(view.edited).toLocaleString()
      meta.append(edited)
    }
    if (threadable(view)) meta.append(replyButton(view, name))
    content.append(meta, body(view))
    row.append(avatar, content)
    return row
  }

  function replyButton(view, name) {
    const button = element('button', 'quiet reply', 'Reply')
    button.type = 'button'
    button.setAttribute('aria-label', `Reply in the thread of ${name}, ${shownTime(view.at)}`)
    button.addEventListener('click', () => reply(view))
    return button
  }

  function body(view) {
    if (view.card) return renderCard(view.card, (pressed) => act(view, pressed)).element
    return element('p', view.growing ? 'said growing' : 'said', view.text)
  }

  function kind(view) {
    const classes = ['message', view.from ? (view.from.user === me() ? 'own' : 'other') : 'bot']
    if (view.private) classes.push('private')
    if (view.card) classes.push('with-card')
    return classes.join(' ')
  }

  function place(view) {
    const entry = {
      view,
      item: element('li', kind(view)),
      line: line(view),
      replies: element('ol', 'replies'),
    }
    entry.item.tabIndex = -1
    entry.item.dataset.message = view.id
    entry.item.dataset.order = view.order
    entry.replies.setAttribute('aria-label', 'Thread')
    entry.item.append(entry.line, entry.replies)
    const root = view.thread ? shown.get(view.thread) : undefined
    const parent = root ? root.replies : list
    const next = [...parent.children].find((item) => Number(item.dataset.order) > view.order)
    parent.insertBefore(entry.item, next ?? null)
    shown.set(view.id, entry)
  }

  function change(entry, view) {
    const focused = entry.line.contains(document.activeElement) ? document.activeElement : undefined
    const fresh = line(view)
    entry.line.replaceWith(fresh)
    Object.assign(entry, { view, line: fresh })
    entry.item.className = kind(view)
    if (!focused) return
    const label = focused.getAttribute('aria-label')
    const same = [...fresh.querySelectorAll('button')].find(
      (button) => button.getAttribute('aria-label') === label,
    )
    ;(same ?? entry.item).focus()
  }

  return {
    has: (id) => shown.has(id),
    count: () => shown.size,
    toEnd,

    clear() {
      shown.clear()
      list.replaceChildren()
      newer.hidden = true
    },

    /** A growing answer and, at its end, the message it became, are one place in the list. */
    upsert(view, { follow = false } = {}) {
      const stay = atEnd() || follow
      const entry = shown.get(view.id)
      if (!entry) place(view)
      else if (JSON.stringify(entry.view) !== JSON.stringify(view)) change(entry, view)
      if (stay) toEnd()
      else if (!entry) newer.hidden = false
    },

    /** How long ago things were grows old: drawn anew, unless the reader stands in it. */
    freshen(view) {
      const entry = shown.get(view.id)
      if (!entry || entry.line.contains(document.activeElement)) return
      if (JSON.stringify(entry.view) !== JSON.stringify(view)) change(entry, view)
    },

    remove(id) {
      shown.get(id)?.item.remove()
      shown.delete(id)
    },
  }
}

/** Says a new message to assistive technology, once. */
export function announce(view) {
  const announcer = byId('announcer')
  const what = view.summary ?? view.text ?? ''
  announcer.append(
    element('p', '', `${view.from?.name ?? 'Tocsin'}${view.private ? ', only to you' : ''}: ${what}`),
  )
  while (announcer.children.length > 4) announcer.firstElementChild.remove()
}
