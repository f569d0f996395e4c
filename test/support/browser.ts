import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rename, rm, stat } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { type Browser, chromium } from 'playwright-core'

const run = promisify(execFile)

/**
 * A headless Chromium that npm brought, so that `npm install && npm test` needs nothing else. The package has it for
 * Linux on x64; elsewhere the installed Chrome is used. Close it when done.
 *
 * Its recommended flags are left out on purpose: they switch off the same-origin policy that the console relies on.
 */
export async function launchBrowser(): Promise<Browser> {
  if (process.platform !== 'linux' || process.arch !== 'x64') return chromium.launch({ channel: 'chrome' })
  const folder = await unpack()
  const executablePath = join(folder, 'chromium')
  const { stdout } = await run('ldd', [executablePath])
  return chromium.launch({
    executablePath,
    // The sandbox needs user namespaces or a setuid helper; root and most containers have neither.
    args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'],
    env: {
      ...process.env,
      FONTCONFIG_PATH: join(folder, 'fonts'),
      // The package brings Amazon Linux's libraries too; the system's own are used where they are complete.
      ...(stdout.includes('not found') ? { LD_LIBRARY_PATH: join(folder, 'al2023', 'lib') } : {}),
    },
  })
}

/** Unpacks the browser once a version, 3 s; the rename lets several workers try at once. */
async function unpack(): Promise<string> {
  const entry = fileURLToPath(import.meta.resolve('@sparticuz/chromium'))
  const require = createRequire(import.meta.url)
  const root = dirname(dirname(dirname(entry)))
  const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { version: string }
  const cache = join(dirname(dirname(require.resolve('vitest/package.json'))), '.cache')
  const folder = join(cache, `chromium-${version}`)
  if (await stat(folder).catch(() => undefined)) return folder

  await mkdir(cache, { recursive: true })
  const half = await mkdtemp(`${folder}-`)
  try {
    // It unpacks into TMPDIR, the libraries only where it believes to be on Amazon Linux.
    await run(
      process.execPath,
      ['--input-type=module', '-e', `import c from ${JSON.stringify(entry)}; await c.executablePath()`],
      { env: { ...process.env, TMPDIR: half, AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x' } },
    )
    await rename(half, folder).catch(async (error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error
    })
  } finally {
    await rm(half, { recursive: true, force: true })
  }
  return folder
}
