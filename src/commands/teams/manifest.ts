/**
 * What Microsoft's manifest schema 1.17 demands of the parts that ours has
 * (learn.microsoft.com/microsoft-365/extensibility/schema). Strict: a property that it does not list is a fault.
 */
import { z } from 'zod'

const guid = z.guid()
const https = z.url({ protocol: /^https$/ }).max(2048)
const botScopes = z.array(z.enum(['team', 'personal', 'groupChat'])).max(3)

const parameter = z.strictObject({
  name: z.string().max(64),
  title: z.string().max(32),
  description: z.string().max(128),
  inputType: z.enum(['text', 'textarea', 'number', 'date', 'time', 'toggle', 'choiceset']),
})

const command = z
  .strictObject({
    id: z.string().max(64),
    type: z.enum(['query', 'action']),
    title: z.string().max(32),
    description: z.string().max(128),
    initialRun: z.boolean().optional(),
    fetchTask: z.boolean().optional(),
    context: z
      .array(z.enum(['compose', 'commandBox', 'message']))
      .max(3)
      .optional(),
    parameters: z.array(parameter).max(5).optional(),
  })
  .refine(({ type, parameters }) => type !== 'query' || parameters?.length, 'a query needs a parameter')

export const manifestShape = z.strictObject({
  $schema: z.literal('https://developer.microsoft.com/json-schemas/teams/v1.17/MicrosoftTeams.schema.json'),
  manifestVersion: z.literal('1.17'),
  version: z
    .string()
    .regex(/^\d+\.\d+\.\d+$/)
    .max(256),
  id: guid,
  developer: z.strictObject({
    name: z.string().min(1).max(32),
    websiteUrl: https,
    privacyUrl: https,
    termsOfUseUrl: https,
  }),
  name: z.strictObject({ short: z.string().min(1).max(30), full: z.string().max(100) }),
  description: z.strictObject({ short: z.string().min(1).max(80), full: z.string().min(1).max(4000) }),
  icons: z.strictObject({ outline: z.literal('outline.png'), color: z.literal('color.png') }),
  accentColor: z.string().regex(/^#[0-9a-fA-F]{6}$/),
  bots: z
    .array(
      z.strictObject({
        botId: guid,
        scopes: botScopes.min(1),
        supportsFiles: z.boolean(),
        isNotificationOnly: z.boolean(),
        commandLists: z
          .array(
            z.strictObject({
              scopes: botScopes.min(1),
              commands: z
                .array(z.strictObject({ title: z.string().max(32), description: z.string().max(128) }))
                .max(10),
            }),
          )
          .max(3),
      }),
    )
    .length(1),
  composeExtensions: z
    .array(z.strictObject({ botId: guid, commands: z.array(command).min(1).max(10) }))
    .length(1),
  permissions: z.array(z.enum(['identity', 'messageTeamMembers'])),
  validDomains: z.array(z.string().max(2048)).max(16),
})

export type Manifest = z.infer<typeof manifestShape>

/**
 * Fills the template in.
 * @throws Error that names each fault, by where it is.
 */
export const manifestFrom = (template: string, appId: string, publicUrl: string): Manifest => {
  const filled = template
    .replaceAll('APP_ID', () => appId)
    .replaceAll('PUBLIC_URL', () => publicUrl.replace(/\/+$/, ''))
  const parsed = manifestShape.safeParse(JSON.parse(filled))
  if (parsed.success) return parsed.data
  const faults = parsed.error.issues.map((issue) => `  ${issue.path.join('.')}: ${issue.message}`)
  throw new Error(`The manifest is not right:\n${faults.join('\n')}`)
}
