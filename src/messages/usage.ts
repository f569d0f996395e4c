/** How a verb is written, for somebody to copy: with a key where one goes, and the command where one is needed. */
export type UsageOptions = {
  /** `/incident`; empty where the words are enough, as in one's own conversation. */
  command?: string
  /** The incident that it is about, where that is known. */
  key?: string
}

export const usageText = (usage: string, { command, key = 'INC-001' }: UsageOptions = {}): string =>
  [command, usage.replace('[INC]', key)].filter(Boolean).join(' ')
