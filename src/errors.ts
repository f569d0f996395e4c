/**
 * The few kinds of failure that reach people. Each has a code for programs and a sentence for the reader;
 * nothing is ever recognised by the text of its message.
 */
export type ErrorKind = 'denied' | 'not_found' | 'conflict' | 'invalid_input' | 'unavailable'

export class TocsinError extends Error {
  readonly kind: ErrorKind
  /** Facts that a message builder may show: the missing permission, the allowed transitions, the field … */
  readonly detail: ErrorDetail

  constructor(kind: ErrorKind, sentence: string, detail: ErrorDetail = {}) {
    super(sentence)
    this.name = 'TocsinError'
    this.kind = kind
    this.detail = detail
  }
}

export type ErrorDetail = {
  /** The permission that is missing (denied). */
  permission?: string
  /** People who hold it, the likeliest first (denied). */
  holders?: { name: string; personId?: string; why: string }[]
  /** What is allowed instead (conflict), in the words one would type. */
  allowed?: string[]
  /** The input field that is wrong (invalid_input). */
  field?: string
  /** How to write it right (invalid_input). */
  usage?: string
  /** The incident it is about. */
  incidentKey?: string
  incidentId?: string
  /** How long to wait before asking again (unavailable), in milliseconds. */
  afterMs?: number
  /** It quotes names that people chose themselves: data, where an agent reads it. */
  quotes?: boolean
  /** Who may read of the refusal in the audit log. */
  label?: readonly string[]
  /** When the thing already happened, who did it and when (conflict: a stale click). */
  already?: { by: string; at: Date }
}

export const denied = (sentence: string, detail?: ErrorDetail) => new TocsinError('denied', sentence, detail)
export const notFound = (sentence: string, detail?: ErrorDetail) =>
  new TocsinError('not_found', sentence, detail)
export const conflict = (sentence: string, detail?: ErrorDetail) =>
  new TocsinError('conflict', sentence, detail)
export const invalidInput = (sentence: string, detail?: ErrorDetail) =>
  new TocsinError('invalid_input', sentence, detail)
export const unavailable = (sentence: string, detail?: ErrorDetail) =>
  new TocsinError('unavailable', sentence, detail)

export const isTocsinError = (error: unknown): error is TocsinError => error instanceof TocsinError
