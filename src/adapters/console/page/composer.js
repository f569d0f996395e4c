/** The message box: growing, with suggestions that the keyboard alone can take. */
import { suggest } from './complete.js'

const byId = (id) => document.getElementById(id)
const defaultHint = 'Enter sends · Shift+Enter makes a new line'

/** `context()` gives verbs, people and whether the conversation is direct; `send(text)` rejects with a sentence. */
export function createComposer({ context, send }) {
  const box = byId('composer-text')
  const list = byId('suggestions')
  const hint = byId('composer-hint')
  const problem = byId('problem')
  const sendButton = byId('send')
  let found
  let active = -1
  let closed = false
  let sending = false
  let last = ''

  const head = () => (box.selectionStart === box.selectionEnd ? box.value.slice(0, box.selectionStart) : '')
  const isOpen = () => !list.hidden

  function complain(text) {
    problem.textContent = text ?? ''
    problem.hidden = !text
  }

  function grow() {
    box.style.height = 'auto'
    box.style.height = `${Math.min(box.scrollHeight, 160)}px`
  }

  function refresh() {
    found = head() ? suggest(head(), context()) : undefined
    const items = closed ? [] : (found?.items ?? [])
    active = items.length > 0 && found.eager ? 0 : -1
    list.replaceChildren(...items.map(option))
    list.hidden = items.length === 0
    box.setAttribute('aria-expanded', String(items.length > 0))
    hint.textContent =
      items.length > 0 ? 'Tab takes a suggestion · Escape closes them' : (found?.hint ?? defaultHint)
    mark()
  }

  function option(item, index) {
    const line = document.createElement('div')
    line.id = `suggestion-${index}`
    line.setAttribute('role', 'option')
    const label = document.createElement('span')
    label.className = 'suggestion-label'
    label.textContent = item.label
    const note = document.createElement('span')
    note.className = 'suggestion-note'
    note.textContent = item.note
    line.append(label, note)
    // Before the box loses the focus.
    line.addEventListener('mousedown', (event) => {
      event.preventDefault()
      take(index)
    })
    return line
  }

  function mark() {
    for (const [index, line] of [...list.children].entries())
      line.setAttribute('aria-selected', String(index === active))
    if (active >= 0) {
      box.setAttribute('aria-activedescendant', `suggestion-${active}`)
      list.children[active]?.scrollIntoView({ block: 'nearest' })
    } else box.removeAttribute('aria-activedescendant')
  }

  function take(index) {
    const item = found.items[index]
    const before = box.value.slice(0, found.start) + item.insert
    const after = box.value.slice(box.selectionStart).trimStart()
    box.value = before + after
    box.setSelectionRange(before.length, before.length)
    grow()
    refresh()
  }

  async function submit() {
    const text = box.value.trim()
    if (!text || sending) return
    sending = true
    sendButton.disabled = true
    complain()
    try {
      await send(text)
      last = text
      if (box.value.trim() === text) box.value = ''
    } catch (error) {
      complain(error.message)
    }
    sending = false
    sendButton.disabled = false
    grow()
    refresh()
    box.focus()
  }

  function onKey(event) {
    if (event.isComposing) return
    const count = list.children.length
    if (isOpen() && ['ArrowDown', 'ArrowUp'].includes(event.key)) {
      const step = event.key === 'ArrowDown' ? 1 : -1
      active = active < 0 ? (step > 0 ? 0 : count - 1) : (active + step + count) % count
      mark()
    } else if (isOpen() && event.key === 'Tab' && !event.shiftKey) take(Math.max(active, 0))
    else if (isOpen() && event.key === 'Enter' && active >= 0 && !event.shiftKey) take(active)
    else if (isOpen() && event.key === 'Escape') {
      closed = true
      refresh()
    } else if (event.key === 'Enter' && !event.shiftKey) submit()
    else if (event.key === 'ArrowUp' && box.value === '' && last) fill(last)
    else return
    event.preventDefault()
  }

  function fill(text) {
    box.value = text
    box.setSelectionRange(text.length, text.length)
    grow()
    closed = true
    refresh()
    box.focus()
  }

  box.addEventListener('keydown', onKey)
  box.addEventListener('input', () => {
    closed = false
    complain()
    grow()
    refresh()
  })
  box.addEventListener('blur', () => {
    closed = true
    refresh()
  })
  byId('composer').addEventListener('submit', (event) => {
    event.preventDefault()
    submit()
  })
  grow()
  refresh()

  return {
    fill,
    complain,
    focus: () => box.focus(),
    placeholder: (text) => {
      box.placeholder = text
    },
    label: (text) => {
      byId('composer-label').textContent = text
    },
    clear: () => {
      box.value = ''
      complain()
      grow()
      refresh()
    },
  }
}
