import type { TocsinError } from '../errors.ts'
import type { Block, Card } from './card.ts'

/** What was not done, why in a word, who can, one way on. */
export function refusalCard(error: TocsinError, command = '/incident'): Card {
  const { holders, allowed, usage } = error.detail
  const blocks: Block[] = [{ type: 'text', text: error.message }]
  if (error.kind === 'denied' && error.detail.permission) {
    const names = (holders ?? []).map(({ name, why }) => `${name} (${why})`)
    blocks.push({
      type: 'text',
      text: names.length ? `${listed(names)} can.` : 'Nobody here has it yet: an administrator can give it.',
    })
  }
  if (allowed?.length) blocks.push({ type: 'text', text: `You can: ${allowed.join(' · ')}` })
  if (usage)
    blocks.push({ type: 'context', text: ['Like this: ', { type: 'code', text: `${command} ${usage}` }] })
  return { summary: error.message, blocks }
}

const listed = (names: string[]) =>
  names.length > 1 ? `${names.slice(0, -1).join(', ')} and ${names.at(-1)}` : names.join()

/** A fault of ours: what was not done, that nothing was, what to try. */
export const faultCard = (): Card => ({
  summary: 'That was not done: Tocsin could not finish it.',
  blocks: [
    {
      type: 'text',
      text: 'That was not done: Tocsin could not finish it. Nothing was changed. Try it again in a minute; if it happens again, tell an administrator.',
    },
  ],
})

/** A polite word to whoever has no role here. */
export function strangerCard(reason: 'guest' | 'bot' | 'foreign' | 'deactivated' | 'unknown'): Card {
  const why = {
    guest: 'Guests cannot work incidents here.',
    bot: 'Bots cannot work incidents here.',
    foreign: 'People from another organisation cannot work incidents here.',
    deactivated: 'Your access here has ended.',
    unknown: 'This workspace does not know you yet.',
  }[reason]
  const text = `${why} An administrator of this workspace can help.`
  return { summary: text, blocks: [{ type: 'text', text }] }
}
