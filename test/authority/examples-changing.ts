/** Examples of what is changed on one incident. What each takes is the design's word, not the operation's own. */
import { type Example, lacking, type May } from './example.ts'
import type { Standing } from './matrix.ts'
import { restricted } from './slots.ts'

/** The reporter closes their own; anybody else's takes close_any. */
const closing = (may: May, on: Standing) => {
  const needed = on.relation === 'reporter' ? 'close_own' : 'close_any'
  return may(needed) || may('close_any') ? undefined : needed
}

export const changing: Record<string, Example[]> = {
  acknowledge: [
    {
      missing: lacking('acknowledge'),
      command: ({ key }) => `ack ${key}`,
      input: ({ key }) => ({ incident: key }),
      did: ({ incident }, me) => incident.status === 'IN_PROGRESS' && incident.acknowledged_by === me,
    },
  ],
  escalate: [
    {
      missing: lacking('escalate'),
      command: ({ key }) => `escalate ${key} nobody answers`,
      input: ({ key }) => ({ incident: key, reason: 'nobody answers' }),
      did: ({ steps }) => steps === 1,
    },
  ],
  snooze: [
    {
      missing: lacking('snooze'),
      command: ({ key }) => `snooze ${key} 30m`,
      input: ({ key }) => ({ incident: key, duration: '30m' }),
      did: ({ escalation }) => escalation === 'snoozed',
    },
  ],
  take: [
    {
      missing: lacking('assign_self'),
      command: ({ key }) => `take ${key}`,
      input: ({ key }) => ({ incident: key }),
      did: ({ incident }, me) => incident.assignee_id === me,
      audits: ({ relation }) => (relation === 'assignee' ? [] : ['take']),
    },
  ],
  assign: [
    {
      missing: lacking('assign'),
      command: ({ key, target }) => `assign ${key} ${target.email}`,
      input: ({ key, target }) => ({ incident: key, person: target.email }),
      did: ({ incident }, _me, { target }) => incident.assignee_id === target.id,
    },
  ],
  hand_off: [
    {
      missing: lacking('hand_off'),
      command: ({ key, target }) => `handoff ${key} ${target.email}`,
      input: ({ key, target }) => ({ incident: key, person: target.email }),
      did: ({ incident }, _me, { target }) => incident.assignee_id === target.id,
    },
  ],
  set_role: [
    {
      missing: lacking('set_incident_roles'),
      command: ({ key, target }) => `role ${key} communications ${target.email}`,
      input: ({ key, target }) => ({ incident: key, role: 'communications', person: target.email }),
      did: ({ roles }, _me, { target }) =>
        roles.some(({ role, person }) => role === 'communications' && person === target.id),
    },
  ],
  update_status: [
    {
      missing: lacking('update_status'),
      command: ({ key }) => `status ${key} in_progress`,
      input: ({ key }) => ({ incident: key, status: 'IN_PROGRESS' }),
      did: ({ incident }) => incident.status === 'IN_PROGRESS',
    },
    {
      as: 'to CLOSED',
      missing: closing,
      given: { status: 'RESOLVED' },
      command: ({ key }) => `status ${key} closed`,
      input: ({ key }) => ({ incident: key, status: 'CLOSED' }),
      did: ({ incident }) => incident.status === 'CLOSED',
    },
  ],
  update_priority: [
    {
      missing: lacking('update_priority'),
      command: ({ key }) => `priority ${key} P1`,
      input: ({ key }) => ({ incident: key, priority: 'P1' }),
      did: ({ incident }) => incident.priority === 'P1',
    },
  ],
  update_incident: [
    {
      missing: lacking('update_status', 'update_priority', 'comment'),
      input: ({ key }) => ({ incident: key, status: 'IN_PROGRESS', priority: 'P1', note: 'a note' }),
      did: ({ incident, comments }) =>
        incident.status === 'IN_PROGRESS' &&
        incident.priority === 'P1' &&
        comments.some(({ body }) => body === 'a note'),
      audits: ['update_status', 'update_priority', 'comment'],
    },
    {
      as: 'the status alone',
      missing: lacking('update_status'),
      input: ({ key }) => ({ incident: key, status: 'IN_PROGRESS' }),
      did: ({ incident }) => incident.status === 'IN_PROGRESS' && incident.priority === 'P3',
      audits: ['update_status'],
    },
    {
      as: 'the priority alone',
      missing: lacking('update_priority'),
      input: ({ key }) => ({ incident: key, priority: 'P1' }),
      did: ({ incident }) => incident.priority === 'P1' && incident.status === 'OPEN',
      audits: ['update_priority'],
    },
    {
      as: 'a note alone',
      missing: lacking('comment'),
      input: ({ key }) => ({ incident: key, note: 'a note' }),
      did: ({ comments }, me) => comments.some(({ body, author }) => body === 'a note' && author === me),
      audits: ['comment'],
    },
    {
      as: 'to CLOSED',
      missing: closing,
      given: { status: 'RESOLVED' },
      input: ({ key }) => ({ incident: key, status: 'CLOSED' }),
      did: ({ incident }) => incident.status === 'CLOSED',
      audits: ['update_status'],
    },
  ],
  comment: [
    {
      missing: lacking('comment'),
      command: ({ key }) => `note ${key} looking at it`,
      input: ({ key }) => ({ incident: key, text: 'looking at it' }),
      did: ({ comments }, me) =>
        comments.some(
          (each) => each.author === me && each.visibility === 'public' && /looking/.test(each.body),
        ),
    },
    {
      as: 'internal',
      missing: lacking('comment_internal'),
      command: ({ key }) => `note ${key} internal it is us`,
      input: ({ key }) => ({ incident: key, text: 'it is us', internal: true }),
      did: ({ comments }, me) =>
        comments.some((each) => each.author === me && each.visibility === 'internal' && /us/.test(each.body)),
    },
  ],
  // The design names nobody in particular: whoever may speak on an incident may ask somebody in.
  invite: [
    {
      missing: lacking('comment'),
      command: ({ key, target }) => `invite ${key} ${target.email}`,
      input: ({ key, target }) => ({ incident: key, person: target.email }),
      did: ({ people }, _me, { target }) =>
        people.some((each) => each.person === target.id && each.relation === 'invited'),
    },
  ],
  update_business_impact: [
    {
      missing: lacking('update_business_impact'),
      command: ({ key }) => `impact ${key} nobody can pay`,
      input: ({ key }) => ({ incident: key, text: 'nobody can pay' }),
      did: ({ incident }) => incident.business_impact === 'nobody can pay',
    },
    {
      as: 'shown',
      missing: lacking('view_business_impact'),
      command: ({ key }) => `impact ${key}`,
      input: ({ key }) => ({ incident: key }),
      shows: () => new RegExp(restricted.business_impact),
      audits: [],
    },
  ],
  update_services: [
    {
      missing: lacking('update_services'),
      command: ({ key }) => `services ${key} add redis`,
      input: ({ key }) => ({ incident: key, add: ['redis'] }),
      did: ({ services }) => services.join() === 'api-gateway,redis',
    },
    {
      as: 'removed',
      missing: lacking('update_services'),
      command: ({ key }) => `services ${key} remove api-gateway`,
      input: ({ key }) => ({ incident: key, remove: ['api-gateway'] }),
      did: ({ services }) => services.length === 0,
    },
    {
      as: 'shown',
      missing: lacking('view_incident'),
      command: ({ key }) => `services ${key}`,
      input: ({ key }) => ({ incident: key }),
      shows: () => /api-gateway/,
      audits: [],
    },
  ],
  // The design names nobody in particular for these two: they are part of saying where an incident stands.
  set_team: [
    {
      missing: lacking('update_status'),
      command: ({ key, team }) => `team ${key} ${team === 'home' ? 'away' : 'home'}`,
      input: ({ key, team }) => ({ incident: key, team: team === 'home' ? 'away' : 'home' }),
      did: ({ team: now }, _me, { team }) => now === (team === 'home' ? 'away' : 'home'),
    },
  ],
  set_category: [
    {
      missing: lacking('update_status'),
      command: ({ key }) => `category ${key} Database`,
      input: ({ key }) => ({ incident: key, category: 'Database' }),
      did: ({ incident }) => incident.category === 'Database',
    },
  ],
  resolve: [
    {
      missing: lacking('update_status'),
      given: { status: 'IN_PROGRESS' },
      command: ({ key }) => `resolve ${key}`,
      input: ({ key }) => ({ incident: key }),
      did: ({ incident }) => incident.status === 'RESOLVED',
    },
  ],
  close: [
    {
      missing: closing,
      given: { status: 'RESOLVED' },
      command: ({ key }) => `close ${key}`,
      input: ({ key }) => ({ incident: key }),
      did: ({ incident }) => incident.status === 'CLOSED',
    },
  ],
  reopen: [
    {
      missing: lacking('update_status'),
      given: { status: 'RESOLVED' },
      command: ({ key }) => `reopen ${key} it is back`,
      input: ({ key }) => ({ incident: key, reason: 'it is back' }),
      did: ({ incident }) => incident.status === 'IN_PROGRESS',
    },
  ],
  cancel: [
    {
      missing: lacking('update_status'),
      command: ({ key }) => `cancel ${key}`,
      input: ({ key }) => ({ incident: key }),
      did: ({ incident }) => incident.status === 'CANCELLED' && !incident.merged_into,
    },
  ],
  merge: [
    {
      missing: lacking('update_status'),
      command: ({ key, into }) => `merge ${key} ${into}`,
      input: ({ key, into }) => ({ incident: key, into }),
      did: ({ incident }) => incident.status === 'CANCELLED' && !!incident.merged_into,
      audits: ['merge', 'merge'],
    },
    {
      as: 'into one that is nothing of theirs',
      public: true,
      given: { strangeInto: true },
      missing: (may) =>
        may('update_status') && may('update_status', { relation: 'none', team: 'none' })
          ? undefined
          : 'update_status',
      command: ({ key, into }) => `merge ${key} ${into}`,
      input: ({ key, into }) => ({ incident: key, into }),
      did: ({ incident }) => incident.status === 'CANCELLED' && !!incident.merged_into,
      audits: ['merge', 'merge'],
    },
  ],
}
