import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { inflateSync } from 'node:zlib'

const require = createRequire(import.meta.url)
let kept: Buffer | undefined

/** Noto Sans SC (simplified Chinese and Latin) as an OpenType font, read once. */
export function chineseFont(): Buffer {
  kept ??= openTypeOf(
    readFileSync(
      require.resolve(
        '@fontsource/noto-sans-sc/files/noto-sans-sc-chinese-simplified-400-normal.woff',
      ),
    ),
  )
  return kept
}

/**
 * A WOFF 1.0 file (W3C Recommendation, sections 3 to 5) as the OpenType font in it. What embeds
 * fonts inflates a table of a WOFF file anew for every glyph, which takes seconds.
 */
export function openTypeOf(woff: Buffer): Buffer {
  const tables = woff.readUInt16BE(12)
  const head = Buffer.alloc(12 + 16 * tables)
  woff.copy(head, 0, 4, 8) // flavor
  head.writeUInt16BE(tables, 4)
  const exponent = Math.floor(Math.log2(tables))
  head.writeUInt16BE(16 * 2 ** exponent, 6)
  head.writeUInt16BE(exponent, 8)
  head.writeUInt16BE(16 * tables - 16 * 2 ** exponent, 10)
  const parts: Buffer[] = [head]
  let at = head.length
  for (let i = 0; i < tables; i++) {
    const entry = 44 + 20 * i
    const offset = woff.readUInt32BE(entry + 4)
    const packed = woff.readUInt32BE(entry + 8)
    const length = woff.readUInt32BE(entry + 12)
    const raw = woff.subarray(offset, offset + packed)
    const to = 12 + 16 * i
    woff.copy(head, to, entry, entry + 4) // tag
    woff.copy(head, to + 4, entry + 16, entry + 20) // checksum
    head.writeUInt32BE(at, to + 8)
    head.writeUInt32BE(length, to + 12)
    const padding = Buffer.alloc((4 - (length % 4)) % 4)
    parts.push(packed < length ? inflateSync(raw) : raw, padding)
    at += length + padding.length
  }
  return Buffer.concat(parts)
}
