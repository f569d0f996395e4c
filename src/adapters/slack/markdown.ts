/**
 * The model's words for chat.appendStream, which reads Markdown: every sign that could become a link, a mention, an
 * image or a heading is escaped, character by character, so that it holds however the text is cut.
 */
const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' }

export const escapeMarkdown = (text: string): string =>
  text.replace(/[&<>]|[\\`*_~[\]()#!|/@:]/g, (char) => entities[char] ?? `\\${char}`)
