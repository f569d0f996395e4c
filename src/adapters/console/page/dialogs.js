/** The two dialogs: asking before a button does its work, and the form that a button opened. */
import { renderCard } from './cards.js'

const byId = (id) => document.getElementById(id)

/** Resolves to whether they said yes. Escape and a click beside it say no. */
export function confirmFirst({ title, text, yes }, danger) {
  const dialog = byId('confirm')
  byId('confirm-title').textContent = title
  byId('confirm-text').textContent = text
  const button = byId('confirm-yes')
  button.textContent = yes
  button.className = danger ? 'danger' : 'primary'
  return new Promise((resolve) => {
    let answer = false
    button.onclick = () => {
      answer = true
      dialog.close()
    }
    byId('confirm-no').onclick = () => dialog.close()
    dialog.onclick = (event) => event.target === dialog && dialog.close()
    dialog.onclose = () => resolve(answer)
    dialog.showModal()
    byId('confirm-no').focus()
  })
}

export const closeForm = () => byId('form').open && byId('form').close()

/** `submit` sends the values and answers `{ ok }`, or what is wrong at which field. */
export function openForm(form, submit) {
  const dialog = byId('form')
  const problem = byId('form-problem')
  const show = (text) => {
    problem.textContent = text ?? ''
    problem.hidden = !text
  }
  show()
  dialog.setAttribute('aria-label', form.title)
  let sending = false
  const { element, inputs } = renderCard(form.card, async ({ data }) => {
    if (sending) return
    sending = true
    for (const input of inputs()) clearFault(input)
    const values = Object.fromEntries(
      inputs()
        .map((input) => [input.id, String(input.value ?? '')])
        .filter(([, value]) => value !== ''),
    )
    const answer = await submit({ ...data.form, values })
    sending = false
    if (answer.ok) return void dialog.close()
    const faults = Object.entries(answer.errors ?? {})
    const shown = faults.filter(([name, text]) => {
      const input = inputs().find((one) => one.id === name)
      if (input) showFault(input, text)
      return input
    })
    const rest = faults.filter((fault) => !shown.includes(fault)).map(([, text]) => text)
    show([answer.message, ...rest].filter(Boolean).join(' '))
    inputs()
      .find((one) => one.id === shown[0]?.[0])
      ?.focus()
  })
  byId('form-card').replaceChildren(element)
  byId('form-close').onclick = () => dialog.close()
  if (!dialog.open) dialog.showModal()
  inputs()[0]?.focus()
}

const control = (input) => input.renderedElement?.querySelector('input, textarea, select')

function showFault(input, text) {
  const fault = document.createElement('p')
  fault.className = 'fault'
  fault.id = `fault-${input.id}`
  fault.textContent = text
  input.renderedElement?.append(fault)
  control(input)?.setAttribute('aria-invalid', 'true')
  control(input)?.setAttribute('aria-describedby', fault.id)
}

function clearFault(input) {
  input.renderedElement?.querySelector('.fault')?.remove()
  control(input)?.removeAttribute('aria-invalid')
  control(input)?.removeAttribute('aria-describedby')
}
