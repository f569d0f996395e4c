import { z } from 'zod'
import { line } from '../core/clean-text.ts'
import { holdingsOn } from '../core/permissions.ts'
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

const holdsOne = (standing: Pick<Standing, 'holdings'>, operation: AnyOperation): boolean => {
  const needed = permissionsOf(operation)
  return !needed.length || needed.some((permission) => standing.holdings.has(permission))
}

/** Shown: what the person holds, and what standing on an incident may give them. */
export const mayUse = (standing: Pick<Standing, 'holdings'>, operation: AnyOperation): boolean =>
  holdsOne(standing, operation) ||
  (operation.subject === 'incident' && permissionsOf(operation).some((p) => byStanding.has(p)))

/** What ends an incident, or takes the end back. */
const ends = ['resolve', 'close', 'reopen', 'cancel', 'merge']

/** What it is about, for a list that is read in a hurry. The order is the list's. */
const areas = ['Declare and look', 'Work on it', 'End it', 'On call', 'Yourself', 'Administration'] as const
type Area = (typeof areas)[number]

const areaOf = (operation: AnyOperation): Area => {
  if (ends.includes(operation.name)) return 'End it'
  if (operation.subject === 'incident') return operation.effect === 'read' ? 'Declare and look' : 'Work on it'
  const needed = permissionsOf(operation)
  if (needed.some((permission) => /^manage_|^view_audit$/.test(permission))) return 'Administration'
  const [word = ''] = operation.verb?.words ?? []
  if (['oncall', 'schedules', 'preferences'].includes(word)) return 'On call'
  return needed.length && word !== 'teams' ? 'Declare and look' : 'Yourself'
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
      const verbs = chosen
        .map((operation) => ({
          usage: operation.verb!.usage,
          summary: operation.summary,
          area: areaOf(operation),
          ...(!holdsOne(standing, operation) && { byStanding: true }),
          ...(verb && {
            aliases: operation.verb!.aliases,
            permission: permissionsOf(operation).join(' or '),
          }),
        }))
        .sort((a, b) => areas.indexOf(a.area) - areas.indexOf(b.area))
      return { parts: [{ kind: 'help', label: ['view_incident'], verbs }] }
    },
  })
