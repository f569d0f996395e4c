/** Whatever a form says, the platforms take it, and it comes back with what people put in. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { modal, readSubmission } from '../../src/adapters/slack/modal.ts'
import { adaptiveForm } from '../../src/messages/adaptive-card.ts'
import type { Form, FormField } from '../../src/messages/card.ts'
import { anyText, length, list, nodes, parses, textOf } from './limits-support.ts'

describe('any form', () => {
  const field = fc.oneof(
    fc.record({ type: fc.constantFrom('text', 'multiline'), label: anyText, hint: anyText, value: anyText }),
    fc.record({
      type: fc.constant('select'),
      label: anyText,
      options: fc.array(fc.record({ value: fc.uuid(), text: anyText }), { maxLength: 130 }),
    }),
  )
  const form = fc.record({ title: anyText, submit: anyText, fields: fc.array(field, { maxLength: 8 }) }).map(
    ({ fields, ...rest }): Form => ({
      operation: 'declare',
      ...rest,
      fields: fields.map((one, index) => ({ ...one, name: `field${index}` }) as FormField),
      hidden: { incident: 'INC-001', words: '<&>' },
    }),
  )

  test('is taken by Slack as a modal, and by Teams as a card', () => {
    fc.assert(
      fc.property(form, (any) => {
        const view = modal(any, { callbackId: 'declare', privateMetadata: 'm' })
        expect(view.title.text.length).toBeLessThanOrEqual(24)
        expect(view.submit!.text.length).toBeLessThanOrEqual(24)
        expect(view.private_metadata!.length).toBeLessThanOrEqual(3000)
        for (const node of nodes(view.blocks)) {
          if (node.label) expect(textOf(node.label)).toBeLessThanOrEqual(2000)
          if (node.hint) expect(textOf(node.hint)).toBeLessThanOrEqual(2000)
          if (node.type === 'plain_text') expect(node.text).toMatch(/^[^<>]+$/)
          if (node.type === 'plain_text_input')
            expect(length(node.initial_value ?? '')).toBeLessThanOrEqual(3000)
          if (node.type === 'static_select') {
            expect(list(node.options).length).toBeGreaterThan(0)
            expect(list(node.options).length).toBeLessThanOrEqual(100)
            for (const option of list(node.options)) expect(textOf(option.text)).toBeLessThanOrEqual(75)
          }
        }
        parses(adaptiveForm(any))
      }),
      { numRuns: 50 },
    )
  })

  test('comes back with its values and what it hid', () => {
    const fields: FormField[] = [{ type: 'text', name: 'title', label: 'Title' }]
    const hidden = { incident: 'INC-001', words: '<&>' }
    const view = modal(
      { operation: 'o', title: 't', submit: 's', fields, hidden },
      { callbackId: 'o', privateMetadata: 'm' },
    )
    const state = {
      values: {
        title: { title: { value: 'Down' } },
        empty: { empty: { value: null } },
        priority: { priority: { selected_option: { value: 'P1' } } },
      },
    }
    expect(readSubmission({ private_metadata: view.private_metadata!, state })).toEqual({
      values: { title: 'Down', priority: 'P1' },
      hidden,
      privateMetadata: 'm',
    })
  })
})
