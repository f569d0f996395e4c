/** Cards are drawn by Microsoft's renderer. No Markdown processor is set: people's words stay words. */
import { hostConfig } from './host-config.js'

const { AdaptiveCards } = globalThis
const host = new AdaptiveCards.HostConfig(hostConfig)

/** `act` gets the action's data and the button that was pressed. Links open on their own. */
export function renderCard(json, act) {
  const card = new AdaptiveCards.AdaptiveCard()
  card.hostConfig = host
  card.lang = navigator.language
  card.parse(json)
  card.onExecuteAction = (action) => {
    if (action instanceof AdaptiveCards.OpenUrlAction) {
      if (/^https?:/i.test(action.url ?? '')) window.open(action.url, '_blank', 'noopener,noreferrer')
      return
    }
    act({ data: action.data ?? {}, button: action.renderedElement, style: action.style })
  }
  const element = card.render() ?? document.createElement('div')
  // The message around it has the name and takes the focus; the card itself is no stop.
  element.removeAttribute('tabindex')
  element.classList.add('card')
  return { element, inputs: () => card.getAllInputs() }
}
