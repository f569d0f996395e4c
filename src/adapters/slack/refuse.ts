import type { Kept } from './request.ts'

/** What goes back to Slack in the response itself. */
export type Answer = { status: number; body?: string | Record<string, unknown> }

export const ephemeral = (text: string): Answer => ({
  status: 200,
  body: { response_type: 'ephemeral', text },
})

const inputs = (view: { blocks: { block_id?: string | null; type: string }[] }): string[] =>
  view.blocks.filter(({ type }) => type === 'input').flatMap(({ block_id }) => block_id || [])

/** Slack shows an error only under an input that the view has: what belongs to none goes under the first. */
export const fieldErrors = (
  view: { blocks: { block_id?: string | null; type: string }[] },
  errors: Record<string, string>,
  message: string,
): Answer => {
  const known = inputs(view)
  const shown: Record<string, string> = {}
  const rest: string[] = []
  for (const [field, text] of Object.entries(errors))
    if (known.includes(field)) shown[field] = text
    else rest.push(text)
  if (Object.keys(shown).length === 0 && rest.length === 0) rest.push(message)
  const first = known[0]
  if (first && rest.length > 0) shown[first] = [shown[first], ...rest].filter(Boolean).join(' ')
  return { status: 200, body: { response_action: 'errors', errors: shown } }
}

/**
 * Nothing was done, and the answer says so: to an event with a status that makes it come again, to a command as an
 * ephemeral line, to a dialog in the dialog. Slack marks a button whose click was not answered with 200.
 */
export const refuse = (request: Kept, line: string): Answer => {
  switch (request.kind) {
    case 'command':
      return ephemeral(line)
    case 'submission':
      return fieldErrors(request.view, {}, line)
    case 'event':
    case 'interaction':
      return { status: 503, body: line }
  }
}
