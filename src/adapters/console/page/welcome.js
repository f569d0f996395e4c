/** What an empty conversation says: what to type, each a button that writes it into the message box. */
const examples = {
  channel: [
    ['/incident list', 'shows what is open, to you alone'],
    ['/incident declare Search is slow', 'opens an incident; everyone sees its card'],
    ['@Tocsin who is on INC-001?', 'asks the agent in plain words'],
  ],
  direct: [
    ['what is open?', 'plain words are enough here'],
    ['show INC-001', 'verbs work without the slash'],
    ['oncall', 'says who is on call now'],
    ['help', 'shows what you may do'],
  ],
}

export function showWelcome(empty, direct, fill) {
  const welcome = document.getElementById('welcome')
  if (welcome.hidden !== empty && welcome.dataset.direct === String(direct)) return
  welcome.hidden = !empty
  welcome.dataset.direct = String(direct)
  if (!empty) return
  const title = document.createElement('h2')
  title.textContent = direct ? 'Your own conversation with Tocsin' : 'Nothing has been said here yet'
  const how = document.createElement('p')
  how.textContent = 'Choose a line to write it into the message box, then press Enter.'
  const list = document.createElement('ul')
  for (const [text, note] of examples[direct ? 'direct' : 'channel']) {
    const line = document.createElement('li')
    const button = document.createElement('button')
    button.type = 'button'
    button.className = 'example'
    button.textContent = text
    button.addEventListener('click', () => fill(text))
    const explained = document.createElement('span')
    explained.textContent = note
    line.append(button, explained)
    list.append(line)
  }
  welcome.replaceChildren(title, how, list)
}
