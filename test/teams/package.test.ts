import { readFileSync } from 'node:fs'
import { crc32, inflateSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { declareCommand, noteCommand, searchCommand } from '../../src/adapters/teams/extension.ts'
import { readLine } from '../../src/chat/grammar.ts'
import { colourIcon, outlineIcon } from '../../src/commands/teams/icon.ts'
import { manifestFrom } from '../../src/commands/teams/manifest.ts'
import { zip } from '../../src/commands/teams/zip.ts'
import { registry } from '../../src/operations/registry.ts'

const template = readFileSync('manifests/teams/manifest.json', 'utf8')
const appId = '11111111-2222-4333-8444-555555555555'
const manifest = () => manifestFrom(template, appId, 'https://tocsin.example.com/')

describe('the manifest', () => {
  test('fits the schema that it names, filled in with the app and its pages', () => {
    const { bots, composeExtensions, developer, id } = manifest()
    expect([id, bots[0]?.botId, composeExtensions[0]?.botId]).toEqual([appId, appId, appId])
    expect(developer.privacyUrl).toBe('https://tocsin.example.com/privacy')
  })

  test('is refused with the place of each fault', () => {
    expect(() => manifestFrom(template, 'not-an-id', 'https://tocsin.example.com')).toThrow(
      / {2}id: .*\n.*bots\.0\.botId/,
    )
    expect(() => manifestFrom(template, appId, 'http://tocsin.example.com')).toThrow(/developer\.websiteUrl/)
    expect(() =>
      manifestFrom(template.replace('"short": "Tocsin"', '"short": ""'), appId, 'https://x.example'),
    ).toThrow(/name\.short/)
  })

  test('offers commands that are verbs, and the extension that is answered', () => {
    for (const { title } of manifest().bots[0]!.commandLists[0]!.commands)
      expect(['verb', 'usage'], title).toContain(readLine(title, registry).kind)
    expect(manifest().composeExtensions[0]!.commands.map(({ id }) => id)).toEqual([
      searchCommand,
      declareCommand,
      noteCommand,
    ])
  })
})

const sizeOf = (png: Buffer) => [png.readUInt32BE(16), png.readUInt32BE(20)]
/** The pixels, without each row's filter byte. */
const pixels = (png: Buffer): number[][] => {
  const length = png.readUInt32BE(33)
  const rows = inflateSync(png.subarray(41, 41 + length))
  const [width = 0, height = 0] = sizeOf(png)
  return Array.from({ length: width * height }, (_, index) => {
    const at = Math.floor(index / width) * (width * 4 + 1) + 1 + (index % width) * 4
    return [...rows.subarray(at, at + 4)]
  })
}

describe('the icons', () => {
  test('have the sizes and colours that Teams asks for', () => {
    expect(sizeOf(colourIcon('#B3261E'))).toEqual([192, 192])
    expect(pixels(colourIcon('#B3261E')).every(([, , , alpha]) => alpha === 255)).toBe(true)
    expect(sizeOf(outlineIcon())).toEqual([32, 32])
    const outline = pixels(outlineIcon())
    expect(outline.every(([red, green, blue]) => red === 255 && green === 255 && blue === 255)).toBe(true)
    const seen = outline.filter(([, , , alpha]) => alpha === 255).length
    expect(seen).toBeGreaterThan(100)
    expect(seen).toBeLessThan(800)
  })
})

test('The archive holds each file whole, and finds it by its directory', () => {
  const files = [
    { name: 'a.txt', data: Buffer.from('first') },
    { name: 'b.txt', data: Buffer.from('the second') },
  ]
  const archive = zip(files)
  const end = archive.length - 22
  expect(archive.readUInt16LE(end + 10)).toBe(2)
  let at = archive.readUInt32LE(end + 16)
  for (const { name, data } of files) {
    expect(archive.readUInt32LE(at)).toBe(0x02014b50)
    const local = archive.readUInt32LE(at + 42)
    const nameLength = archive.readUInt16LE(at + 28)
    expect(archive.subarray(at + 46, at + 46 + nameLength).toString()).toBe(name)
    expect(archive.readUInt32LE(local)).toBe(0x04034b50)
    const body = local + 30 + nameLength
    expect(archive.subarray(body, body + data.length)).toEqual(data)
    expect(archive.readUInt32LE(at + 16)).toBe(crc32(data))
    at += 46 + nameLength
  }
  expect(at).toBe(end)
})
