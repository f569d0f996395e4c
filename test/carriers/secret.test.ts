import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { sealingFor, signingFor } from '../../src/encryption.ts'
import { secretOf } from '../../src/secret.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tocsin-secret-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

test('TOCSIN_SECRET is taken where it is set, and nothing is written', async () => {
  expect(await secretOf('given', folder)).toBe('given')
  expect(await readdir(folder)).toEqual([])
})

test('a generated secret is the same at the next start, and only its owner reads it', async () => {
  const dataDir = join(folder, 'data')
  const first = await secretOf(undefined, dataDir)
  expect(Buffer.from(first, 'base64')).toHaveLength(32)
  expect(await secretOf(undefined, dataDir)).toBe(first)
  expect((await stat(join(dataDir, 'secret'))).mode & 0o777).toBe(0o600)
})

test('two that start at once have one secret, and leave nothing else behind', async () => {
  const all = await Promise.all(Array.from({ length: 20 }, () => secretOf(undefined, folder)))
  expect(new Set(all).size).toBe(1)
  expect(await readdir(folder)).toEqual(['secret'])
  expect((await readFile(join(folder, 'secret'), 'utf8')).trim()).toBe(all[0])
})

test('an emptied secret stops the start instead of being replaced', async () => {
  await writeFile(join(folder, 'secret'), '\n')
  await expect(secretOf(undefined, folder)).rejects.toThrow('is empty')
})

test('what is sealed opens under the same secret and purpose alone, and no two seals are alike', () => {
  const sealing = sealingFor('secret', 'purpose')
  const sealed = sealing.seal('whsec_Grüße')
  expect(sealing.open(sealed)).toBe('whsec_Grüße')
  expect(sealing.seal('whsec_Grüße').equals(sealed)).toBe(false)
  expect(sealed.toString('latin1')).not.toContain('whsec_')
  for (const other of [sealingFor('other', 'purpose'), sealingFor('secret', 'another')]) {
    expect(() => other.open(sealed)).toThrow('another TOCSIN_SECRET')
  }
})

test('a sealed text that was changed anywhere does not open', () => {
  const sealing = sealingFor('secret', 'purpose')
  const sealed = sealing.seal('abc')
  for (let index = 0; index < sealed.length; index++) {
    const changed = Buffer.from(sealed)
    changed[index]! ^= 1
    expect(() => sealing.open(changed)).toThrow('cannot be read')
    expect(() => sealing.open(sealed.subarray(0, index))).toThrow('cannot be read')
  }
})

test('equal texts have one digest, under one secret', () => {
  const sealing = sealingFor('secret', 'purpose')
  expect(sealing.digest('a').equals(sealing.digest('a'))).toBe(true)
  expect(sealing.digest('a').equals(sealing.digest('b'))).toBe(false)
  expect(sealing.digest('a').equals(sealingFor('other', 'purpose').digest('a'))).toBe(false)
})

test('a signature holds for its data alone, at its whole length', () => {
  const signing = signingFor('secret', 'links', 12)
  const signature = signing.sign(Buffer.from('data'))
  expect(signature).toHaveLength(12)
  expect(signing.verify(Buffer.from('data'), signature)).toBe(true)
  expect(signing.verify(Buffer.from('dato'), signature)).toBe(false)
  expect(signing.verify(Buffer.from('data'), signature.subarray(0, 11))).toBe(false)
  expect(signing.verify(Buffer.from('data'), Buffer.alloc(0))).toBe(false)
})
