import { z } from 'zod'
import type { ButtonAction } from '../../messages/card.ts'

const record = z.record(z.string(), z.unknown())

/** What a button carries: input like any other, checked where it takes effect. It never says who pressed. */
const buttonAction: z.ZodType<ButtonAction> = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('perform'),
    operation: z.string().min(1).max(100),
    input: record,
    asOf: z.number().int().optional(),
  }),
  z.object({ type: z.literal('form'), form: z.string().min(1).max(100), values: record.optional() }),
  z.object({ type: z.literal('share'), answer: z.string().min(1).max(200) }),
])

/** The data of a button, of whatever kind. */
export const buttonShape = z.looseObject({ action: buttonAction })

/** The value of an `adaptiveCard/action` invoke; `trigger` says whether a person pressed or Teams itself asks. */
export const executeShape = z.looseObject({
  action: z.looseObject({
    type: z.literal('Action.Execute'),
    verb: z.string().max(200).nullish(),
    data: buttonShape,
  }),
  trigger: z.string().max(50).nullish(),
})

/** The incident that an action is about. */
export const incidentOf = (action: ButtonAction): string | undefined => {
  const from = action.type === 'perform' ? action.input : action.type === 'form' ? action.values : undefined
  return typeof from?.incident === 'string' ? from.incident : undefined
}
