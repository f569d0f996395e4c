import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { dropNulls, strict, toolOf } from '../../src/agent/strict-schema.ts'
import { registry } from '../../src/operations/registry.ts'

type Schema = Record<string, unknown>

/** What the Responses API demands of a strict function tool. */
function faults(schema: Schema, path = 'parameters'): string[] {
  const found: string[] = []
  const allowed = [
    'type',
    'description',
    'enum',
    'const',
    'anyOf',
    'items',
    'properties',
    'required',
    'additionalProperties',
  ]
  for (const name of Object.keys(schema)) if (!allowed.includes(name)) found.push(`${path} has ${name}`)
  if (!schema.type && !schema.anyOf && !schema.enum && !('const' in schema)) found.push(`${path} has no type`)
  if (schema.type === 'object') {
    const properties = schema.properties as Record<string, Schema>
    if (schema.additionalProperties !== false) found.push(`${path} is open`)
    if (JSON.stringify(schema.required) !== JSON.stringify(Object.keys(properties)))
      found.push(`${path} leaves out`)
    for (const [name, inner] of Object.entries(properties)) found.push(...faults(inner, `${path}.${name}`))
  }
  if (schema.items) found.push(...faults(schema.items as Schema, `${path}[]`))
  for (const inner of (schema.anyOf as Schema[] | undefined) ?? []) found.push(...faults(inner, `${path}|`))
  return found
}

describe('tool schemas', () => {
  test.each(registry.filter((operation) => operation.tool))(
    '$name is a strict function tool',
    (operation) => {
      const tool = toolOf(operation)
      expect(tool.name).toMatch(/^[a-z_]{1,64}$/)
      expect(faults(tool.parameters)).toEqual([])
    },
  )

  test('what is optional is nullable, what is transformed is what people write', () => {
    const schema = z.strictObject({
      name: z.string().trim().min(1).max(10).regex(/^a/i),
      word: z.enum(['a', 'b']).optional(),
      list: z.array(z.string()).optional(),
      any: z.union([z.string(), z.array(z.string())]).optional(),
      flag: z.boolean().default(false),
    })
    expect(strict(z.toJSONSchema(schema, { io: 'input' }) as Schema)).toEqual({
      type: 'object',
      properties: {
        name: { type: 'string' },
        word: { type: ['string', 'null'], enum: ['a', 'b', null] },
        list: { type: ['array', 'null'], items: { type: 'string' } },
        any: { anyOf: [{ type: 'string' }, { type: 'array', items: { type: 'string' } }, { type: 'null' }] },
        flag: { type: ['boolean', 'null'] },
      },
      required: ['name', 'word', 'list', 'any', 'flag'],
      additionalProperties: false,
    })
  })

  test('nulls stand for what was left out', () => {
    expect(dropNulls({ a: null, b: { c: null, d: 1 }, e: [{ f: null }] })).toEqual({ b: { d: 1 }, e: [{}] })
  })
})
