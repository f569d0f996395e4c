/**
 * Encryption at rest and signatures under the installation's secret. Every use has a *purpose*, and so a key of its
 * own: what was made for one is worth nothing for another.
 */
import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  hkdfSync,
  randomBytes,
  timingSafeEqual,
} from 'node:crypto'
import { unavailable } from './errors.ts'

/** Short texts that must be read again: credentials, the secrets of webhooks. */
export type Sealing = {
  seal(text: string): Buffer
  /** @throws TocsinError unavailable when it was sealed under another secret. */
  open(sealed: Buffer): string
  /** The same for equal texts: tells whether one changed without opening it. */
  digest(text: string): Buffer
}

export type Signing = {
  sign(data: Buffer): Buffer
  /** In a time that says nothing about where they differ. */
  verify(data: Buffer, signature: Buffer): boolean
}

/** RFC 5869. */
const keyFor = (secret: string, purpose: string): Buffer =>
  Buffer.from(hkdfSync('sha256', secret, '', `tocsin ${purpose}`, 32))

const mac = (key: Buffer, data: string | Buffer): Buffer => createHmac('sha256', key).update(data).digest()

/** The first byte of what is sealed, so that another way can follow. Then 12 bytes nonce, 16 tag, the ciphertext. */
const format = 1
const headerLength = 1 + 12 + 16

export function sealingFor(secret: string, purpose: string): Sealing {
  const key = keyFor(secret, purpose)
  const digestKey = keyFor(secret, `${purpose} digest`)
  return {
    seal(text) {
      const nonce = randomBytes(12)
      const cipher = createCipheriv('aes-256-gcm', key, nonce)
      const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
      return Buffer.concat([Buffer.of(format), nonce, cipher.getAuthTag(), body])
    },
    open(sealed) {
      if (sealed.length < headerLength || sealed[0] !== format) throw notOurs()
      const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(1, 13), { authTagLength: 16 })
      decipher.setAuthTag(sealed.subarray(13, headerLength))
      const body = decipher.update(sealed.subarray(headerLength))
      try {
        return Buffer.concat([body, decipher.final()]).toString('utf8')
      } catch {
        throw notOurs()
      }
    },
    digest: (text) => mac(digestKey, text),
  }
}

const notOurs = () =>
  unavailable('A stored secret cannot be read: it was encrypted under another TOCSIN_SECRET. Set it anew.')

/** @param length bytes of a signature, at most 32. */
export function signingFor(secret: string, purpose: string, length = 32): Signing {
  const key = keyFor(secret, purpose)
  const sign = (data: Buffer) => mac(key, data).subarray(0, length)
  return {
    sign,
    verify: (data, signature) => signature.length === length && timingSafeEqual(sign(data), signature),
  }
}
