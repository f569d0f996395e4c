/** The app's icons: a bell, drawn by arithmetic. Teams wants 192×192 in colour and 32×32 in white on nothing. */
import { crc32, deflateSync } from 'node:zlib'

type Colour = [red: number, green: number, blue: number, alpha: number]

/** Whether a point is in the bell; both coordinates from -1 to 1, downwards. */
const inBell = (x: number, y: number): boolean => {
  const round = (cx: number, cy: number, r: number) => (x - cx) ** 2 + (y - cy) ** 2 <= r ** 2
  if (round(0, -0.62, 0.1) || (y > 0.56 && round(0, 0.56, 0.15))) return true
  if (y >= 0.36 && y <= 0.5) return Math.abs(x) <= 0.7
  if (y < -0.57 || y > 0.36) return false
  const dome = Math.sqrt(Math.max(0, 0.42 ** 2 - (y + 0.15) ** 2))
  return Math.abs(x) <= (y < -0.15 ? dome : 0.42 + 0.22 * ((y + 0.15) / 0.51) ** 2)
}

const samples = 4

/** How much of a pixel the bell covers, 0 to 1. */
const coverage = (column: number, row: number, size: number, scale: number): number => {
  let hits = 0
  for (let i = 0; i < samples; i += 1)
    for (let j = 0; j < samples; j += 1) {
      const at = (pixel: number, sample: number) =>
        (((pixel + (sample + 0.5) / samples) / size) * 2 - 1) / scale
      if (inBell(at(column, i), at(row, j))) hits += 1
    }
  return hits / samples ** 2
}

const chunk = (type: string, data: Buffer): Buffer => {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data])
  const out = Buffer.alloc(body.length + 8)
  out.writeUInt32BE(data.length, 0)
  body.copy(out, 4)
  out.writeUInt32BE(crc32(body), body.length + 4)
  return out
}

/** Eight bits each of red, green, blue and alpha (www.w3.org/TR/png). */
const png = (size: number, colourAt: (column: number, row: number) => Colour): Buffer => {
  const rows = Buffer.alloc(size * (size * 4 + 1))
  for (let row = 0; row < size; row += 1)
    for (let column = 0; column < size; column += 1)
      rows.set(colourAt(column, row), row * (size * 4 + 1) + 1 + column * 4)
  const header = Buffer.alloc(13)
  header.writeUInt32BE(size, 0)
  header.writeUInt32BE(size, 4)
  header.set([8, 6, 0, 0, 0], 8)
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(rows)),
    chunk('IEND', Buffer.alloc(0)),
  ])
}

/** White on the accent colour, which fills the square: Teams rounds the corners. */
export const colourIcon = (accent: string): Buffer => {
  const base = [1, 3, 5].map((at) => Number.parseInt(accent.slice(at, at + 2), 16))
  return png(192, (column, row) => {
    const share = coverage(column, row, 192, 0.75)
    const mixed = base.map((value) => Math.round(value + (255 - value) * share))
    return [mixed[0]!, mixed[1]!, mixed[2]!, 255]
  })
}

export const outlineIcon = (): Buffer =>
  png(32, (column, row) => [255, 255, 255, Math.round(255 * coverage(column, row, 32, 1))])
