import { expect, test } from 'vitest'
import type { PageFacts } from '../../src/core/outbox.ts'
import { closedPageCard, pageCard } from '../../src/messages/page-card.ts'
import { plainText } from '../../src/messages/plain-text.ts'

const incident = {
  id: 'i',
  key: 'INC-042',
  title: 'Checkout is down',
  priority: 'P1',
  version: 3,
} as const
const at = '2026-03-02T14:15:00.000Z'
const why = 'You are on call for payments.'
const said = (facts: Partial<PageFacts>) => plainText(pageCard({ incident, why, ...facts }, 'page-1'))

test('a page says why it came, which step it is and who is next', () => {
  const before = { names: ['Ida Torres'], seconds: 300 }
  const next = { names: ['Maya Okafor'], at }
  expect(said({ step: { number: 2, of: 3, round: 1 }, before, next })).toContain(
    'You are on call for payments. Step 2 of 3. Ida Torres did not answer in 5 min. Next: Maya Okafor at ',
  )
})

test('a further round is named, and so is that nobody follows', () => {
  const step = { number: 3, of: 3, round: 2 }
  expect(said({ step })).toContain('Step 3 of 3, round 2. Nobody is paged after this.')
  expect(said({ step, next: { names: [], at } })).toContain('The next step reaches nobody.')
})

test('a page by hand says its words once', () => {
  const facts = { why: '', by: 'Lena Lead', text: 'can you come' }
  const card = pageCard(facts, 'page-1')
  expect(card.blocks).toEqual([
    { type: 'text', text: [{ type: 'strong', text: 'Lena Lead pages you: can you come' }] },
  ])
})

test('an acknowledged page says in its first line who has it', () => {
  const end = { as: 'acknowledged', by: 'Ivo Lang', at, seconds: 60 } as const
  expect(closedPageCard({ facts: { incident, why }, ...end }).summary).toBe(
    'INC-042 acknowledged by Ivo Lang: Checkout is down',
  )
  const byHand = { why: '', by: 'Lena Lead', text: 'can you come' }
  expect(closedPageCard({ facts: byHand, ...end }).summary).toBe(
    'Page acknowledged by Ivo Lang: can you come',
  )
})
