import { z } from 'zod'
import type { AnyOperation } from '../operations/define.ts'
import type { ModelTool } from '../ports/model.ts'

type Schema = Record<string, unknown>

/** What strict function tools accept of a schema; lengths and patterns are checked when the call is parsed. */
const kept = ['type', 'description', 'enum', 'const', 'anyOf', 'items', 'properties']

/**
 * An operation as a strict function tool: every object closed, every property required, what is optional nullable.
 * The incident may always be null, for the one that the conversation is about.
 */
export function toolOf(operation: AnyOperation): ModelTool {
  const schema = z.toJSONSchema(operation.input, { io: 'input', unrepresentable: 'any' }) as Schema
  const parameters = strict(schema)
  if (operation.subject === 'incident') {
    const properties = parameters.properties as Record<string, Schema>
    properties.incident = {
      type: ['string', 'null'],
      description: 'A key such as INC-001; null for the incident that this conversation is about.',
    }
  }
  return { name: operation.name, description: operation.summary, parameters }
}

export function strict(schema: Schema): Schema {
  const { oneOf, ...rest } = schema
  const made: Schema = Object.fromEntries(
    Object.entries({ ...(oneOf ? { anyOf: oneOf } : {}), ...rest }).filter(([name]) => kept.includes(name)),
  )
  if (Array.isArray(made.anyOf)) made.anyOf = made.anyOf.map(strict)
  if (made.items) made.items = strict(made.items as Schema)
  if (made.type === 'object' || made.properties) return strictObject(made, schema)
  // A transformed or free value: text is what a model can always write.
  if (!made.type && !made.anyOf && !('const' in made) && !made.enum) made.type = 'string'
  return made
}

function strictObject(made: Schema, schema: Schema): Schema {
  const properties = (schema.properties ?? {}) as Record<string, Schema>
  const required = new Set(schema.required as string[] | undefined)
  return {
    ...made,
    type: 'object',
    properties: Object.fromEntries(
      Object.entries(properties).map(([name, inner]) => [
        name,
        required.has(name) ? strict(inner) : nullable(strict(inner)),
      ]),
    ),
    required: Object.keys(properties),
    additionalProperties: false,
  }
}

function nullable(schema: Schema): Schema {
  const types = [schema.type ?? []].flat()
  if (!types.length) {
    const any = Array.isArray(schema.anyOf) ? schema.anyOf : [schema]
    return { anyOf: [...any, { type: 'null' }] }
  }
  return {
    ...schema,
    type: [...types, 'null'],
    ...(Array.isArray(schema.enum) ? { enum: [...schema.enum, null] } : {}),
  }
}

/** Nulls stand for what was left out. */
export function dropNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(dropNulls)
  if (!value || typeof value !== 'object') return value
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, inner]) => (inner === null ? [] : [[name, dropNulls(inner)]])),
  )
}
