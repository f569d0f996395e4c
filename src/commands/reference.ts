/** `npm run reference`: writes the tables of verbs into the README, from the registry. */
import { readFile, writeFile } from 'node:fs/promises'
import { reference } from '../operations/reference.ts'
import { registry } from '../operations/registry.ts'

const file = new URL('../../README.md', import.meta.url)
const [begin, end] = ['<!-- reference: written by npm run reference -->', '<!-- end of reference -->']

const text = await readFile(file, 'utf8')
const from = text.indexOf(begin)
const to = text.indexOf(end)
if (from < 0 || to < from) {
  process.stderr.write(`README.md lacks the lines ${begin} and ${end}.\n`)
  process.exit(1)
}
await writeFile(file, `${text.slice(0, from + begin.length)}\n\n${reference(registry)}\n\n${text.slice(to)}`)
process.stdout.write('The verbs stand in README.md.\n')
