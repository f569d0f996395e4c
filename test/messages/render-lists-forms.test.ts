/** Lists, logs, links, rows of buttons and forms, and what Slack, Teams and a plain reader get of them. */
import { expect, test } from 'vitest'
import { blockKit } from '../../src/adapters/slack/block-kit.ts'
import { modal } from '../../src/adapters/slack/modal.ts'
import { adaptiveCard, adaptiveForm } from '../../src/messages/adaptive-card.ts'
import type { Card, Form } from '../../src/messages/card.ts'
import { plainText } from '../../src/messages/plain-text.ts'
import {
  close,
  execute,
  kitButton,
  perform,
  plain,
  rich,
  run,
  runs,
  slack,
  teams,
  title,
  words,
} from './render-support.ts'

test('a diagnosis, with a list, a log, a link and a row of buttons', () => {
  const diagnosis: Card = {
    summary: 'api-gateway fails its health check',
    blocks: [
      { type: 'lines', lines: ['1. _health_ fails', ['disk ', { type: 'code', text: '/var' }, ' is full']] },
      { type: 'code', text: 'ERROR <timeout>\n  at connect' },
      { type: 'text', text: ['See ', { type: 'link', url: 'https://logs.example/x', text: 'the logs' }] },
      { type: 'buttons', buttons: [perform('Restart', 'restart'), perform('Restart', 'restart')] },
    ],
  }
  expect(blockKit(diagnosis, slack).blocks).toEqual([
    rich(
      words('1. _health_ fails\ndisk '),
      { type: 'text', text: '/var', style: { code: true } },
      words(' is full'),
    ),
    {
      type: 'rich_text',
      elements: [
        { type: 'rich_text_preformatted', elements: [words('ERROR &lt;timeout&gt;\n  at connect')] },
      ],
    },
    rich(words('See '), { type: 'link', url: 'https://logs.example/x', text: 'the logs' }),
    {
      type: 'actions',
      elements: [
        kitButton('Restart', 'restart'),
        kitButton('Restart', 'restart', { action_id: 'restart:2' }),
      ],
    },
  ])
  const mono = { fontType: 'Monospace' }
  expect(adaptiveCard(diagnosis, teams)).toMatchObject({
    body: [
      runs(run('1. _health_ fails')),
      close(runs(run('disk '), run('/var', mono), run(' is full'))),
      runs(run('ERROR <timeout>', mono)),
      close(runs(run('\u00a0\u00a0at connect', mono))),
      runs(
        run('See '),
        run('the logs', { selectAction: { type: 'Action.OpenUrl', url: 'https://logs.example/x' } }),
      ),
      { type: 'ActionSet', actions: [execute('Restart', 'restart'), execute('Restart', 'restart')] },
    ],
  })
  expect(plainText(diagnosis)).toBe(
    `api-gateway fails its health check
1. _health_ fails
disk /var is full
ERROR <timeout>
  at connect
See the logs (https://logs.example/x)
[Restart] [Restart]`,
  )
})

test('a form', () => {
  const form: Form = {
    operation: 'declare',
    title: 'Declare an incident',
    submit: 'Declare',
    fields: [
      { type: 'text', name: 'title', label: 'Title', maxLength: 200, value: 'a < b' },
      { type: 'multiline', name: 'impact', label: 'Impact', optional: true, hint: 'Who notices?' },
      {
        type: 'select',
        name: 'priority',
        label: 'Priority',
        value: 'P3',
        options: [
          { value: 'P1', text: 'P1 · critical' },
          { value: 'P3', text: 'P3' },
        ],
      },
    ],
    hidden: { from: 'C1' },
  }
  const p3 = { text: plain('P3'), value: 'P3' }
  const input = { type: 'input', optional: false }
  expect(modal(form, { callbackId: 'declare', privateMetadata: '' })).toEqual({
    type: 'modal',
    callback_id: 'declare',
    private_metadata: '{"hidden":{"from":"C1"},"metadata":""}',
    title: plain('Declare an incident'),
    submit: plain('Declare'),
    close: plain('Cancel'),
    blocks: [
      {
        ...input,
        block_id: 'title',
        label: plain('Title'),
        element: {
          type: 'plain_text_input',
          action_id: 'title',
          multiline: false,
          max_length: 200,
          initial_value: 'a < b',
        },
      },
      {
        ...input,
        optional: true,
        block_id: 'impact',
        label: plain('Impact'),
        hint: plain('Who notices?'),
        element: { type: 'plain_text_input', action_id: 'impact', multiline: true, max_length: 3000 },
      },
      {
        ...input,
        block_id: 'priority',
        label: plain('Priority'),
        element: {
          type: 'static_select',
          action_id: 'priority',
          options: [{ text: plain('P1 · critical'), value: 'P1' }, p3],
          initial_option: p3,
        },
      },
    ],
  })
  const needed = { isRequired: true, errorMessage: 'Needed.' }
  expect(adaptiveForm(form)).toMatchObject({
    body: [
      title('Declare an incident'),
      { type: 'Input.Text', id: 'title', label: 'Title', ...needed, value: 'a < b', maxLength: 200 },
      { type: 'Input.Text', id: 'impact', label: 'Impact', isMultiline: true },
      close(runs(run('Who notices?', { size: 'Small', isSubtle: true }))),
      {
        type: 'Input.ChoiceSet',
        id: 'priority',
        label: 'Priority',
        ...needed,
        value: 'P3',
        style: 'compact',
        choices: [
          { title: 'P1 · critical', value: 'P1' },
          { title: 'P3', value: 'P3' },
        ],
      },
    ],
    actions: [
      {
        type: 'Action.Submit',
        title: 'Declare',
        data: { form: { operation: 'declare', hidden: { from: 'C1' } } },
      },
    ],
  })
})
