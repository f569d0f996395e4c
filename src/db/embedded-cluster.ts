import { execFile } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import {
  chmod,
  chown,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  realpath,
  rename,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { unavailable } from '../errors.ts'
import type { Logger } from '../log.ts'
import {
  type Binaries,
  canReach,
  ENVIRONMENT,
  findBinaries,
  type RunAs,
  SYSTEM_DIR,
  userForRoot,
} from './embedded-binaries.ts'
import { isAlive } from './postmaster.ts'

const run = promisify(execFile)

/** A folder of data that is whole, and what it takes to serve it. */
export type Cluster = { dir: string; binaries: Binaries; runAs: RunAs; password: string; logFile: string }

/**
 * The cluster at `<dataDir>/postgres`, made if there is none. It is made beside its place and then renamed,
 * so that what stands there is always whole; of two that make it at once, one wins and both use it.
 */
export async function openCluster(dataDir: string, log: Logger, sync: boolean): Promise<Cluster> {
  await mkdir(dataDir, { recursive: true })
  const link = join(await realpath(dataDir), 'postgres')
  const there = await lstat(link).catch(() => undefined)
  const runAs = there ? await ownerOf(link) : await userForRoot()
  const binaries = await findBinaries(runAs)
  if (!there) await makeCluster(link, binaries, runAs, log, sync)

  const dir = await realpath(link).catch(() => {
    throw unavailable(`${link} points to a folder that is gone. Remove it to begin with an empty database.`)
  })
  // Whoever won may have chosen another user only if /etc/passwd changed meanwhile: look again all the same.
  const owner = await ownerOf(link)
  const major = (await readFile(join(dir, 'PG_VERSION'), 'utf8')).trim()
  if (major !== binaries.major) {
    throw unavailable(
      `The database in ${dir} is of Postgres ${major}, the installed one is ${binaries.major}. ` +
        `Dump it with Postgres ${major} and load it into an empty DATA_DIR, or set DATABASE_URL.`,
    )
  }
  const password = (await readFile(join(dir, 'tocsin.password'), 'utf8')).trim()
  return { dir, binaries, runAs: owner, password, logFile: join(dataDir, 'postgres.log') }
}

/** Postgres insists that its data belong to the user it runs as. */
async function ownerOf(link: string): Promise<RunAs> {
  const { uid, gid } = await stat(link).catch(() => {
    throw unavailable(`${link} points to a folder that is gone. Remove it to begin with an empty database.`)
  })
  const me = process.getuid?.()
  if (me === undefined || me === uid) return undefined
  if (me !== 0) {
    throw unavailable(
      `The database in ${link} belongs to user ${uid}, this is user ${me}. Start Tocsin as it was started before, ` +
        'or choose another DATA_DIR.',
    )
  }
  if (!(await canReach(await realpath(link), { uid, gid }))) {
    throw unavailable(
      `User ${uid}, who owns the database in ${link}, cannot reach it any more: a folder above it was closed.`,
    )
  }
  return { uid, gid }
}

async function makeCluster(
  link: string,
  binaries: Binaries,
  runAs: RunAs,
  log: Logger,
  sync: boolean,
): Promise<void> {
  const dataDir = join(link, '..')
  const aside = runAs !== undefined && !(await canReach(dataDir, runAs))
  const parent = aside ? await systemFolder(dataDir) : dataDir
  await sweep(parent)
  const work = await mkdtemp(join(parent, `postgres.new-${process.pid}-`))
  try {
    const fresh = join(work, 'data')
    const password = randomBytes(24).toString('base64url')
    const passwordFile = join(work, 'password')
    await writeFile(passwordFile, password, { mode: 0o600 })
    if (runAs) {
      await chown(work, runAs.uid, runAs.gid)
      await chown(passwordFile, runAs.uid, runAs.gid)
    }
    const started = performance.now()
    await run(
      binaries.initdb,
      [
        ...['-D', fresh, '-U', 'postgres', '--pwfile', passwordFile, '--auth', 'scram-sha-256'],
        ...[
          '--encoding',
          'UTF8',
          '--locale',
          'C',
          '--locale-provider',
          'builtin',
          '--builtin-locale',
          'C.UTF-8',
        ],
        ...['--no-instructions', ...(sync ? [] : ['--no-sync'])],
      ],
      { ...runAs, cwd: work, env: ENVIRONMENT },
    ).catch((error: { stderr?: string; message: string }) => {
      throw unavailable(
        `The embedded database could not be created: ${(error.stderr || error.message).trim()}`,
      )
    })
    await rename(passwordFile, join(fresh, 'tocsin.password'))
    const won = aside ? await placeAside(fresh, parent, link) : await moveInto(fresh, link)
    if (won) log.info({ dir: link, ms: Math.round(performance.now() - started) }, 'database created')
  } finally {
    await rm(work, { recursive: true, force: true })
  }
}

/** A rename onto a folder that has something in it fails: the other start made the cluster first. */
const moveInto = (fresh: string, place: string) =>
  rename(fresh, place).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOTEMPTY' || error.code === 'EEXIST') return false
      throw error
    },
  )

/**
 * Each cluster gets a name of its own: the link in the data directory is all that leads to it, so deleting the
 * data directory means an empty database at the next start, never an old one with a new secret.
 */
async function placeAside(fresh: string, parent: string, link: string): Promise<boolean> {
  const place = join(parent, `postgres-${randomBytes(4).toString('hex')}`)
  await rename(fresh, place)
  try {
    await symlink(place, link)
    return true
  } catch (error) {
    await rm(place, { recursive: true, force: true })
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

async function systemFolder(dataDir: string): Promise<string> {
  const name = createHash('sha256').update(dataDir).digest('hex').slice(0, 12)
  const folder = join(SYSTEM_DIR, name)
  await mkdir(folder, { recursive: true })
  await chmod(SYSTEM_DIR, 0o755)
  await chmod(folder, 0o755)
  return folder
}

/** What a start that was killed left half made. */
async function sweep(parent: string): Promise<void> {
  for (const name of await readdir(parent)) {
    const pid = /^postgres\.new-(\d+)-/.exec(name)?.[1]
    if (pid && !isAlive(Number(pid))) await rm(join(parent, name), { recursive: true, force: true })
  }
}
