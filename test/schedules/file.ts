/** A schedule in the configuration file, with everything in it that can be wrong. */
export const file = `
teams:
  - { name: payments }
people:
  - { name: Ida Torres, email: ida@example.com, rank: oncall_engineer, teams: [payments] }
  - { name: Ivo Lang, email: ivo@example.com }
schedules:
  - name: payments-primary
    team: payments
    time_zone: Europe/London
    layers:
      - { start: 2026-01-05, rotation: weekly, handoff: "Mon 09:00", people: [ida@example.com, ivo@example.com] }
      - { start: 2026-01-05, rotation: 3d, handoff: "18:00", hours: "18:00-09:00", people: [ivo@example.com] }
    overrides:
      - { from: 2026-07-24T09:00, to: 2026-07-26T09:00Z, person: ivo@example.com }
`
