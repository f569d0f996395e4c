import { z } from 'zod'
import { line } from '../core/clean-text.ts'
import { holdingsOn, type Permission } from '../core/permissions.ts'
import type { Standing } from '../core/standing.ts'
import { notFound } from '../errors.ts'
import { type AnyOperation, defineOperation, permissionsOf } from './define.ts'

/** What anybody may come to hold on an incident by reporting it or being given it. */
const byStanding = holdingsOn(new Map(), {
  reporter: true,
  assignee: true,
  paged: true,
  commander: false,
  involved: true,
})

/** Shown: what the person holds, and what standing on an incident may give them. */
export const mayUse = (standing: Pick<Standing, 'holdings'>, operation: AnyOperation): boolean => {
  const needed = permissionsOf(operation)
  const helds = (permission: Permission) => standing.holdings.has(permission)
  return (
    !needed.length ||
    needed.some(helds) ||
    (operation.subject === 'incident' && needed.some((p) => byStanding.has(p)))
  )
}

/** Help is made from the registry, which it is part of. */
export const defineHelp = (registry: () => AnyOperation[]) =>
  defineOperation({
    name: 'help',
    summary: 'Say what you may do here, or how one verb is used.',
    input: z.strictObject({ verb: line(40).optional() }),
    permission: undefined,
    effect: 'read',
    verb: {
      words: ['help'],
      aliases: ['?'],
      usage: 'help [verb]',
      parse: (rest) => (rest === '' ? {} : /^\S+(\s\S+)?$/.test(rest) ? { verb: rest } : undefined),
    },
    run: async ({ standing }, { verb }) => {
      const usable = registry().filter((operation) => operation.verb && mayUse(standing, operation))
      const chosen = verb
        ? usable.filter(
            ({ verb: v }) => v && [v.words.join(' '), v.words[0], ...(v.aliases ?? [])].includes(verb),
          )
        : usable
      if (!chosen.length)
        throw notFound(`There is no verb ${verb} that you may use. Type help to see them all.`)
      const verbs = chosen.map((operation) => ({
        usage: operation.verb!.usage,
        summary: operation.summary,
        ...(verb && typeof operation.permission === 'string' && { permission: operation.permission }),
      }))
      return { parts: [{ kind: 'help', label: ['view_incident'], verbs }] }
    },
  })
