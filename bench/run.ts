// npm run bench: measures everything, or what is named (`npm run bench -- verb`), and prints it. A whole run is
// written into bench/README.md.
import { measureLists } from './lists.ts'
import { measureReceive } from './receive.ts'
import { measureStorm } from './storm.ts'
import { type Server, startServer } from './support/database.ts'
import { machine } from './support/machine.ts'
import { writeResults } from './support/readme.ts'
import { type Figure, table } from './support/report.ts'
import { measureVerb } from './verb.ts'

type Part = { figures: Figure[]; notes: string[] }

const parts: Record<string, (server: Server) => Promise<Part>> = {
  receive: async (server) => ({ figures: await measureReceive(server), notes: [] }),
  verb: async (server) => ({ figures: await measureVerb(server), notes: [] }),
  lists: async (server) => {
    const { figures, scans } = await measureLists(server)
    const none =
      '`list` and `show` read neither incidents nor the audit log from end to end (EXPLAIN as tocsin_app).'
    return { figures, notes: scans.length ? scans : [none] }
  },
  storm: async (server) => {
    const { figures, scans } = await measureStorm(server)
    return {
      figures,
      notes: scans.length ? scans : ['A tick reads no large table from end to end (EXPLAIN).'],
    }
  },
}

const asked = process.argv.slice(2)
const unknown = asked.filter((name) => !(name in parts))
if (unknown.length) {
  console.error(`There is no ${unknown.join(', ')}: choose among ${Object.keys(parts).join(', ')}.`)
  process.exit(2)
}
const chosen = asked.length ? asked : Object.keys(parts)

const started = performance.now()
const server = await startServer()
// Interrupted, it leaves no server behind.
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => void server.stop().finally(() => process.exit(130)))
}
try {
  const facts = machine(await server.facts())
  const done: Part[] = []
  for (const name of chosen) {
    console.log(`Measuring ${name} …`)
    const part = await parts[name]!(server)
    console.log(`${table(part.figures)}\n${part.notes.map((note) => `${note}\n`).join('')}`)
    done.push(part)
  }
  const minutes = ((performance.now() - started) / 60_000).toFixed(1)
  if (!asked.length) {
    const date = new Date().toISOString().slice(0, 16).replace('T', ' ')
    await writeResults(
      [
        `Taken on ${date} UTC, in ${minutes} minutes, on this machine:`,
        facts.join('\n'),
        table(done.flatMap(({ figures }) => figures)),
        ...done.flatMap(({ notes }) => notes),
      ].join('\n\n'),
    )
  }
  console.log(facts.join('\n'))
} finally {
  await server.stop()
}
