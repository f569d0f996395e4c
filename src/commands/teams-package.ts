/** `npm run teams:package -- APP_ID [URL]`: checks the manifest, draws the icons, and zips what Teams installs. */
import { readFile, writeFile } from 'node:fs/promises'
import { colourIcon, outlineIcon } from './teams/icon.ts'
import { manifestFrom } from './teams/manifest.ts'
import { zip } from './teams/zip.ts'

const template = new URL('../../manifests/teams/manifest.json', import.meta.url)
const [appId, publicUrl = 'https://tocsin.example.com', out = 'tocsin-teams.zip'] = process.argv.slice(2)
if (!appId) {
  process.stderr.write(
    'Say the id of the app registration: npm run teams:package -- APP_ID [URL of your pages] [FILE.zip]\n',
  )
  process.exit(2)
}

try {
  const manifest = manifestFrom(await readFile(template, 'utf8'), appId, publicUrl)
  const archive = zip([
    { name: 'manifest.json', data: Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`) },
    { name: manifest.icons.color, data: colourIcon(manifest.accentColor) },
    { name: manifest.icons.outline, data: outlineIcon() },
  ])
  await writeFile(out, archive)
  process.stdout.write(`${out}: manifest ${manifest.manifestVersion}, ${archive.length} bytes.\n`)
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`)
  process.exit(1)
}
