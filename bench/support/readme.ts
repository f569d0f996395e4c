import { readFile, writeFile } from 'node:fs/promises'

const begin = '<!-- results: written by npm run bench -->'
const end = '<!-- end of results -->'

/** Puts the results between the marks of bench/README.md; everything else there is written by hand. */
export async function writeResults(text: string): Promise<void> {
  const file = new URL('../README.md', import.meta.url)
  const old = await readFile(file, 'utf8')
  const [before, after] = [old.indexOf(begin), old.indexOf(end)]
  if (before < 0 || after < before) throw new Error(`${file.pathname} lacks the marks of the results`)
  await writeFile(file, `${old.slice(0, before)}${begin}\n\n${text.trim()}\n\n${old.slice(after)}`)
}
