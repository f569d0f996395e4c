import { afterEach, beforeEach, expect, test } from 'vitest'
import { ensureOrganization } from '../../src/core/configuration/found.ts'
import { loadIncidentParts } from '../../src/core/incident-view.ts'
import { findIncident } from '../../src/core/incidents.ts'
import { consoleChannels, consolePeople, openConsole } from '../../src/core/sample/console.ts'
import { fillSample } from '../../src/core/sample/fill.ts'
import { loadStanding } from '../../src/core/standing.ts'
import { loadTimeline } from '../../src/core/timeline.ts'
import { createWorld, type World } from '../people/support.ts'

let world: World
beforeEach(async () => {
  world = await createWorld({ sample: true })
})
afterEach(() => world.close())

test('the sample is filled in once, with a person of every department and rank', async () => {
  const place = await world.workspace('console', 'console')
  const fill = () => world.within(({ tx }) => fillSample(tx, world.orgId, place.id))
  expect((await Promise.all([fill(), fill()])).filter(Boolean)).toHaveLength(1)
  expect(await fill()).toBe(false)
  const people = await world.within(({ tx }) => consolePeople(tx, world.orgId, place.id))
  expect(people[0]).toEqual({ user: 'ida', name: 'Ida Torres', title: 'IT · on-call engineer' })
  const rows = await world.owner.selectFrom('people').selectAll().execute()
  expect(new Set(rows.map((row) => row.rank)).size).toBe(7)
  expect(new Set(rows.map((row) => row.department)).size).toBe(5)
  expect(rows.filter((row) => row.admin)).toHaveLength(1)
  const channels = await world.within(({ tx }) => consoleChannels(tx, world.orgId))
  expect(channels.map((row) => row.name)).toEqual(['#general', '#incidents', '#payments', '#finance'])
})

test('INC-001 is what the product says, each part under its label, and its timeline reads in order', async () => {
  const place = await world.workspace('console', 'console')
  await world.within(({ tx }) => fillSample(tx, world.orgId, place.id))
  const ada = await world.owner
    .selectFrom('people')
    .select('id')
    .where('admin', '=', true)
    .executeTakeFirstOrThrow()
  await world.within(async ({ tx }) => {
    const standing = await loadStanding(tx, world.orgId, ada.id)
    const incident = (await findIncident(tx, world.orgId, 'INC-001', standing!, false))!
    expect(incident).toMatchObject({
      title: 'Production Database Slowdown',
      priority: 'P1',
      customers_affected: 500,
    })
    const parts = await loadIncidentParts(tx, incident)
    expect(parts).toContainEqual(
      expect.objectContaining({ kind: 'costs', direct: '25000.00', penalty: '50000.00' }),
    )
    const view = parts.find((part) => part.kind === 'incident')
    expect(view?.kind === 'incident' && view.incident.services).toEqual([
      'API Gateway',
      'PostgreSQL',
      'Redis',
    ])
    const timeline = await loadTimeline(tx, incident, { most: 50 })
    expect(timeline.length).toBeGreaterThan(8)
    expect(timeline.at(-1)?.entry).toMatchObject({ operation: 'create_incident', by: 'Pat Plain' })
  })
})

test('no invented person meets a real organisation: it starts empty, with a console of its own people', async () => {
  const place = await world.workspace('console', 'console')
  await world.within(({ tx }) => fillSample(tx, world.orgId, place.id))
  const real = await createWorld()
  try {
    const console = await real.workspace('console', 'console')
    expect(await real.within(({ tx }) => fillSample(tx, real.orgId, console.id))).toBe(false)
    await real.person('Ida Torres', { department: 'IT', rank: 'manager' })
    await real.within(({ tx }) => openConsole(tx, real.orgId, console.id))
    await real.within(({ tx }) => openConsole(tx, real.orgId, console.id))
    const people = await real.within(({ tx }) => consolePeople(tx, real.orgId, console.id))
    expect(people.map(({ name, title }) => `${name}, ${title}`)).toEqual(['Ida Torres, IT · manager'])
  } finally {
    await real.close()
  }
})

test('a real configuration beside the sample founds an organisation of its own, and is found again', async () => {
  const real = await ensureOrganization(world.owner)
  expect(real).not.toBe(world.orgId)
  expect(await ensureOrganization(world.owner, undefined, true)).toBe(real)
})
