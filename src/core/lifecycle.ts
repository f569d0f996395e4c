import type { IncidentStatus } from '../db/schema.ts'

/** Which status may follow which, as one table. Cancelling by merging has its own operation. */
const transitions: Record<IncidentStatus, IncidentStatus[]> = {
  OPEN: ['IN_PROGRESS', 'CANCELLED'],
  IN_PROGRESS: ['RESOLVED', 'OPEN'],
  RESOLVED: ['CLOSED', 'IN_PROGRESS'],
  CLOSED: [],
  CANCELLED: [],
}

export const allowedFrom = (status: IncidentStatus): IncidentStatus[] => transitions[status]
export const mayFollow = (from: IncidentStatus, to: IncidentStatus): boolean => transitions[from].includes(to)
export const isOpen = (status: IncidentStatus): boolean => status === 'OPEN' || status === 'IN_PROGRESS'

/** The words people use for a status; undefined for anything else. */
export function parseStatus(text: string): IncidentStatus | undefined {
  const word = text
    .trim()
    .toUpperCase()
    .replace(/[\s-]+/g, '_')
  return spoken[word]
}

const spoken: Record<string, IncidentStatus> = {
  OPEN: 'OPEN',
  OPENED: 'OPEN',
  NEW: 'OPEN',
  TRIGGERED: 'OPEN',
  UNACKNOWLEDGED: 'OPEN',
  IN_PROGRESS: 'IN_PROGRESS',
  INPROGRESS: 'IN_PROGRESS',
  PROGRESS: 'IN_PROGRESS',
  ACKNOWLEDGED: 'IN_PROGRESS',
  ACKED: 'IN_PROGRESS',
  INVESTIGATING: 'IN_PROGRESS',
  IDENTIFIED: 'IN_PROGRESS',
  MONITORING: 'IN_PROGRESS',
  MITIGATING: 'IN_PROGRESS',
  WORKING: 'IN_PROGRESS',
  RESOLVED: 'RESOLVED',
  FIXED: 'RESOLVED',
  SOLVED: 'RESOLVED',
  CLOSED: 'CLOSED',
  DONE: 'CLOSED',
  CANCELLED: 'CANCELLED',
  CANCELED: 'CANCELLED',
}
