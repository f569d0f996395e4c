import { tellPeople } from '../../core/announce.ts'
import { plain } from '../../core/labels.ts'
import type { Scope } from '../define.ts'

/** Those whom a change of a schedule concerns hear of it in their own conversations; who made it knows. */
export async function tellAbout(scope: Scope, people: string[], text: string): Promise<void> {
  const others = [...new Set(people)].filter((person) => person !== scope.actor.personId)
  await tellPeople(scope.tx, scope.orgId, others, {
    parts: [{ kind: 'sentence', label: plain, authors: [scope.actor.personId], text }],
  })
}
