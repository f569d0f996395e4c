/**
 * Labels: which permissions a fact needs. A label is a set of requirements and only ever adds up. A requirement
 * is a permission, or a permission on one incident (`view_internal:<incident id>`), because standing on an
 * incident can give what department and rank do not.
 */
import type { Permission } from './permissions.ts'

export type Requirement = Permission | `${Permission}:${string}`
export type Label = readonly Requirement[]

export const plain: Label = ['view_incident']

export const union = (...labels: Label[]): Label => [...new Set(labels.flat())].sort()

export const requirement = (permission: Permission, incidentId?: string): Requirement =>
  incidentId ? `${permission}:${incidentId}` : permission

export const parseRequirement = (text: Requirement): { permission: Permission; incidentId?: string } => {
  const [permission, incidentId] = text.split(':') as [Permission, string?]
  return { permission, incidentId }
}

/** A private incident's facts: no click may show them in a channel. */
export const isOfPrivate = (label: Label): boolean =>
  label.some((text) => parseRequirement(text).permission === 'access_private')

/** Whoever reads: says of one permission, on one incident or anywhere, whether they hold it. */
export type Reader = (permission: Permission, incidentId?: string) => boolean

export const mayRead = (reader: Reader, label: Label): boolean =>
  label.every((text) => {
    const { permission, incidentId } = parseRequirement(text)
    return reader(permission, incidentId)
  })

/** The permissions of a label that the reader lacks, by name, for telling them what is withheld. */
export const missing = (reader: Reader, label: Label): Permission[] => [
  ...new Set(
    label
      .map(parseRequirement)
      .filter(({ permission, incidentId }) => !reader(permission, incidentId))
      .map(({ permission }) => permission),
  ),
]

/**
 * A fact of one incident: what goes beyond the plain permission is asked for on that incident, where standing on it
 * counts; of a private incident everything is.
 */
export const onIncident = (incident: { id: string; private: boolean }, label: Label): Label =>
  union(
    label.map((text) => {
      const { permission, incidentId } = parseRequirement(text)
      return permission === 'view_incident' ? text : requirement(permission, incidentId ?? incident.id)
    }),
    incident.private ? [requirement('access_private', incident.id)] : [],
  )
