/** Who one is and where one is: the list of channels, the same as a select on a narrow screen, and the people. */
const byId = (id) => document.getElementById(id)

export function createPlaces({ enter, become }) {
  const unread = new Map()
  let places = []
  let current

  byId('room').addEventListener('change', (event) => enter(event.target.value))
  byId('person').addEventListener('change', (event) => become(event.target.value))

  function draw() {
    byId('channels').replaceChildren(...places.filter((place) => !place.direct).map(item))
    byId('directs').replaceChildren(...places.filter((place) => place.direct).map(item))
    byId('room').replaceChildren(
      ...places.map((place) => {
        const count = unread.get(place.channel)
        const option = new Option(place.label + (count ? ` (${count} new)` : ''), place.channel)
        option.selected = place.channel === current
        return option
      }),
    )
    const total = [...unread.values()].reduce((sum, count) => sum + count, 0)
    document.title = `${total ? `(${total}) ` : ''}${name(current)} · Tocsin console`
  }

  const name = (channel) => places.find((place) => place.channel === channel)?.label ?? 'Console'

  function item(place) {
    const line = document.createElement('li')
    const button = document.createElement('button')
    button.type = 'button'
    button.className = 'place'
    button.textContent = place.label
    if (place.channel === current) button.setAttribute('aria-current', 'page')
    const count = unread.get(place.channel)
    if (count) {
      const badge = document.createElement('span')
      badge.className = 'badge'
      badge.textContent = String(count)
      badge.setAttribute('aria-label', `${count} new`)
      button.append(' ', badge)
    }
    button.addEventListener('click', () => enter(place.channel))
    line.append(button)
    return line
  }

  return {
    name,
    knows: (channel) => places.some((place) => place.channel === channel),
    show(state) {
      current = state.channel
      unread.delete(current)
      places = state.channels.map(({ channel, name }) => ({
        channel,
        label: `# ${name.replace(/^#\s*/, '')}`,
      }))
      if (state.me) places.push({ channel: state.me.direct, label: 'Tocsin', direct: true })
      byId('person').replaceChildren(
        ...state.people.map(({ user, name, title }) => {
          const option = new Option(`${name} · ${title}`, user)
          option.selected = user === state.me?.user
          return option
        }),
      )
      byId('person-title').textContent = state.me ? `${state.me.name}, ${state.me.title}` : ''
      draw()
    },
    count(channel) {
      unread.set(channel, (unread.get(channel) ?? 0) + 1)
      draw()
    },
    forget() {
      unread.clear()
    },
  }
}
