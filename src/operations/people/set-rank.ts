import { z } from 'zod'
import { ranks } from '../../core/permissions.ts'
import { defineOperation } from '../define.ts'
import { peopleLabel, personRef, rankWords, refuseFileField, said, targetPerson } from './target.ts'
import { joined, tokens } from './words.ts'

const usage = `people rank PERSON ${ranks.join('|')}`

export const setRank = defineOperation({
  name: 'set_rank',
  summary: 'Set how far a person’s authority goes.',
  input: z.object({ person: personRef, rank: z.enum(ranks) }),
  permission: 'manage_people',
  effect: 'write',
  undone: 'Nobody was placed',
  tool: false,
  verb: { words: ['people', 'rank'], usage, parse: parsePersonAndRank },
  run: async (scope, { person: ref, rank }) => {
    const person = await targetPerson(scope, ref)
    refuseFileField(person, 'rank')
    if (person.rank === rank) return said(`${person.name} is ${rankWords(rank)} already.`)
    await scope.tx
      .updateTable('people')
      .set({ rank })
      .where('org_id', '=', scope.orgId)
      .where('id', '=', person.id)
      .execute()
    await scope.audit({
      operation: 'set_rank',
      subject: person.name,
      old: { rank: person.rank },
      new: { rank },
      label: peopleLabel,
    })
    return said(`${person.name} is ${rankWords(rank)} now, before ${rankWords(person.rank)}.`)
  },
})

/** A rank is one word or, as people write it, several: `Ida Torres on-call engineer`. */
function parsePersonAndRank(rest: string) {
  const words = tokens(rest)
  for (const count of [3, 2, 1]) {
    const rank = spoken(words.slice(-count).join(' '))
    if (rank && words.length > count) return { person: joined(words.slice(0, -count)), rank }
  }
  return { person: joined(words.slice(0, -1)), rank: words.at(-1)?.toLowerCase() }
}

const spoken = (text: string) => {
  const letters = text.toLowerCase().replaceAll(/[^a-z]/g, '')
  return ranks.find((rank) => rank.replaceAll('_', '') === letters)
}
