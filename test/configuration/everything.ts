/** The example of the contract, both halves of it in one file. */
export const everything = `
organization: Example Corp
currency: EUR
email_domains: [example.com]
spending_limit: 5000
departments:
  - { name: LEGAL, persona: InfoBot, permissions: [view_incident, view_internal, comment_internal] }
teams:
  - name: payments
    channel: { slack: C0123456789, teams: "19:abc@thread.tacv2" }
people:
  - name: Ida Torres
    email: ida@example.com
    phone: "+44 1632 960000"
    time_zone: Europe/London
    department: IT
    rank: oncall_engineer
    admin: true
    teams: [payments]
    on: { slack: U0123456789 }
  - { name: Ivo Lang, email: ivo@example.com, department: LEGAL, rank: manager }
  - { name: Lea Roth, department: none }
categories:
  - { name: Database, department: IT }
  - { name: Contracts, department: LEGAL }
services:
  - name: api-gateway
    team: payments
    critical: true
    cost_per_minute: 120
    logs: { loki: { url: "http://loki:3100", query: '{app="api-gateway"}' } }
    checks:
      - { name: health, http: { url: "http://api-gateway:8080/healthz", status: 200, within: 500ms } }
      - { name: disk, command: [/usr/lib/checks/disk, api-gateway], timeout: 5s }
    restart: { command: [systemctl, restart, api-gateway], timeout: 60s }
  - name: ledger
customers:
  - name: Acme
    contact: ops@acme.example
    services: [api-gateway]
    sla: { response_minutes: 30, resolution_minutes: 240, penalty: 5000 }
group_roles:
  - { slack_group: S0123456789, department: IT, rank: oncall_engineer }
incident_channels: { when: P2 }
incident_channel: { slack: C0INCIDENTS, teams: "19:inc@thread.tacv2" }
channels:
  - { slack: C0FINANCE01, clearance: [view_cost_impact] }
policies:
  - name: payments
    when: { priority: P2, team: payments, category: Database, department: IT, service: api-gateway }
    steps:
      - { after: 0s, notify: [{ schedule: payments-primary }] }
      - { after: 5m, notify: [{ rank: team_lead, in: team }, { person: ida@example.com }] }
      - { after: 5m, notify: [{ rank: cto }, { team: payments }, { channel: { slack: C0123456789 } }], do: [{ raise_priority: P1 }, { open_channel: true }] }
    repeat: 2
    nobody: { channel: { slack: C0123456789 } }
    acknowledged_for: 30m
schedules:
  - name: payments-primary
    team: payments
    time_zone: Europe/London
    layers:
      - { start: 2026-01-05, rotation: weekly, handoff: "Mon 09:00", people: [ida@example.com, ivo@example.com] }
      - { start: 2026-01-05, rotation: daily, handoff: "18:00", hours: "18:00-09:00", people: [ivo@example.com] }
    overrides:
      - { from: 2026-12-24T09:00, to: 2026-12-26T09:00, person: ida@example.com }
preferences:
  high: [{ route: chat, after: 0s }, { route: sms, after: 1m }, { route: email, after: 2m }]
  low: [{ route: chat, after: 0s }]
  quiet_hours: { from: "22:00", to: "07:00" }
webhooks:
  - { name: audit-lake, url: https://hooks.example.com/tocsin, secret: "\${HOOK_SECRET}", events: [incident.declared, incident.resolved] }
`
