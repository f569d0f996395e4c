import { randomBytes } from 'node:crypto'
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/**
 * What everything encrypted or signed here goes by: TOCSIN_SECRET, else one generated once into the data directory,
 * the same for the program and its commands whichever comes first.
 * @param given `config.secret`
 */
export async function secretOf(given: string | undefined, dataDir: string): Promise<string> {
  if (given) return given
  const file = join(dataDir, 'secret')
  return (await read(file)) ?? (await generate(dataDir, file))
}

async function read(file: string): Promise<string | undefined> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  const secret = text?.trim()
  if (secret === '')
    throw new Error(`${file} is empty: put the secret back, or remove the file for a new one`)
  return secret
}

/** Written whole beside it and linked into place: of two that start at once, the first one's stays. */
async function generate(dataDir: string, file: string): Promise<string> {
  await mkdir(dataDir, { recursive: true })
  const mine = `${file}.${randomBytes(6).toString('hex')}`
  try {
    await writeFile(mine, `${randomBytes(32).toString('base64')}\n`, { mode: 0o600, flag: 'wx', flush: true })
    await link(mine, file).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error
    })
  } finally {
    await rm(mine, { force: true })
  }
  return (await read(file))!
}
