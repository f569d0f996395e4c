/**
 * What somebody typed in Teams, as plain words. learn.microsoft.com/microsoftteams/platform/bots/how-to/conversations/
 * channel-and-group-conversations: a mention stands in the text as `<at>Name</at>`, and in `entities` with whom it
 * means. Formatted messages come as simple HTML, with non-breaking spaces. Mentions of people stay, as `<@id>`.
 */
import { z } from 'zod'
import type { TeamsActivity } from './activity.ts'

const mentionShape = z.looseObject({
  type: z.literal('mention'),
  text: z.string().min(1).max(500),
  mentioned: z.looseObject({ id: z.string().min(1).max(500), aadObjectId: z.string().max(200).nullish() }),
})
type Mention = z.infer<typeof mentionShape>

const mentionsOf = ({ entities }: TeamsActivity): Mention[] =>
  (entities ?? []).flatMap((each) => mentionShape.safeParse(each).data ?? [])

export const mentionsBot = (activity: TeamsActivity): boolean =>
  mentionsOf(activity).some(({ mentioned }) => mentioned.id === activity.recipient.id)

/** Whom a mention means, by the same id as when they speak. */
const personOf = ({ mentioned }: Mention): string =>
  mentioned.aadObjectId || mentioned.id.replace(/^8:orgid:/, '')

/** Begins a new line, or ends one. */
const lineTag = /<\/?(?:p|div|li|ul|ol|blockquote|pre|h[1-6])(?:\s[^<>]*)?>|<br\s*\/?>/gi
/** Formatting alone; what is no tag of Teams' editor is what somebody typed. */
const inlineTag =
  /<\/?(?:b|strong|i|em|u|s|strike|span|font|a|code|at|attachment|img|emoji)(?:\s[^<>]*)?\/?>/gi

const named: Record<string, string> = { nbsp: ' ', amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }

const entity = (whole: string, name: string): string => {
  if (!name.startsWith('#')) return named[name.toLowerCase()] ?? whole
  const code = name[1]?.toLowerCase() === 'x' ? Number.parseInt(name.slice(2), 16) : Number(name.slice(1))
  const stored = code > 0 && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff)
  return stored ? String.fromCodePoint(code) : whole
}

/** Simple HTML as words: the text of a message, or of the one that an action was chosen on. */
export const wordsOfHtml = (html: string): string =>
  html
    .replace(lineTag, '\n')
    .replace(inlineTag, '')
    .replace(/&(#\d{1,7}|#x[\da-f]{1,6}|[a-z]{2,6});/gi, entity)
    .replace(/[\u00a0\u2007\u202f]/g, ' ')
    .replace(/[\u200b\u2060\ufeff]/g, '')
    .replace(/\r\n?/g, '\n')
    // Each run of spaces is looked at once, however long it is.
    .replace(/(?<![ \t])[ \t]+\n/g, '\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim()

/** Without the mentions of the bot: they only say whom it is for. */
export const messageText = (activity: TeamsActivity): string => {
  // Marks of a private use area stand for people while the markup is taken away.
  let text = (activity.text ?? '').replace(/[\ue000\ue001]/g, '')
  const people: string[] = []
  for (const mention of mentionsOf(activity)) {
    const isBot = mention.mentioned.id === activity.recipient.id
    const mark = isBot ? ' ' : `\ue000${people.push(personOf(mention)) - 1}\ue001`
    // Teams writes each as a tag. Anything else could stand inside a mark, and grow with every mention.
    if (isBot || mention.text.startsWith('<')) text = text.replaceAll(mention.text, mark)
  }
  return wordsOfHtml(text)
    .replace(/\ue000(\d+)\ue001/g, (_, index: string) => `<@${people[Number(index)]}>`)
    .replace(/^[\s,:]+/, '')
}
