/**
 * Why a message failed, for people to read: the platform's code or our own few words, without who says so. Addresses, which may be as good
 * as a token, and people's own addresses and numbers are left out.
 */
export function safeReason(reason: string | null | undefined): string {
  const words = (reason ?? 'no reason given')
    .replace(/^\w+ refused it: /, '')
    .replaceAll(/\b[a-z][a-z+.-]*:\/\/\S+/gi, 'an address')
    .replaceAll(/\S+@\S+/g, 'an address')
    .replaceAll(/\bx(?:ox[a-z]|app)-[\w-]+/gi, 'a token')
    .replaceAll(/\+?\d[\d ()-]{7,}\d/g, 'a number')
    .replaceAll(/\s+/g, ' ')
    .trim()
  return words.length > longest ? `${words.slice(0, longest - 1).toWellFormed()}…` : words
}

const longest = 100
