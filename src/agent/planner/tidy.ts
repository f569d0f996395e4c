import { cleanText } from '../../core/clean-text.ts'

export type Sentence = {
  /** The words without politeness, as they were typed. */
  words: string
  /** The same with the closing marks and words gone; for templates that do not end in free text. */
  bare: string
  /** It ends in a question mark and is no polite request ("could you …?"): it must not write. */
  question: boolean
}

const openers = [
  /^(?:hi|hey|hello|ok|okay|so|now|well|tocsin|bot)[,!:]? /i,
  /^(?:go ahead and|i want you to|i would like you to|i'd like you to) /i,
  /^(?:tell me|i want to know|i would like to know)[:,]? /i,
]

/** A request in the form of a question. "Would you" alone asks for an opinion: it needs a please. */
const requests = [
  /^(?:please|pls|kindly)[,:]? /i,
  /^(?:can|could) you(?: please| pls| kindly)? /i,
  /^(?:would|will) you (?:please|pls|kindly) /i,
]

const closers = /(?:[\s.!?,;]+|[\s,](?:please|pls|thanks|thank you|now|asap|right away|for me))$/i

/** Takes greetings and politeness off a sentence; what is left is what is asked for. */
export function tidy(text: string): Sentence {
  let words = cleanText(text)
    .replaceAll(/[‘’]/g, "'")
    .replaceAll(/[“”]/g, '"')
    .replaceAll(/[^\S\n]+/g, ' ')
    .trim()
  let request = false
  for (let before = ''; before !== words; ) {
    before = words
    for (const opener of openers) words = words.replace(opener, '')
    for (const opener of requests) {
      const rest = words.replace(opener, '')
      request ||= rest !== words
      words = rest
    }
  }
  words = expand(words)
  let bare = words
  for (let before = ''; before !== bare; ) {
    before = bare
    bare = bare.replace(closers, '')
  }
  return { words, bare, question: !request && /\?[\s.!?]*$/.test(words) }
}

/** Contractions at the start alone: free text further on stays as it was typed. */
const expand = (words: string): string =>
  words
    .replace(/^(what|who|how|where|when)'?s\b/i, '$1 is')
    .replace(/^whats\b/i, 'what is')
    .replace(/^i'?m\b/i, 'I am')
    .replace(/^i'll\b/i, 'I will')
    .replace(/^i've\b/i, 'I have')
