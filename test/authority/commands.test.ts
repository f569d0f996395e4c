import { expect, test } from 'vitest'
import { byCommand } from './by-command.ts'
import { unexampled, walked } from './registry.ts'

test('every operation of the registry has its example', () => {
  expect(unexampled()).toEqual([])
})

byCommand(walked.filter(({ operation }) => operation.subject !== 'incident'))
