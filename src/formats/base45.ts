import type { Bytes } from '../base/bytes.ts'

const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:'
const values = new Map([...alphabet].map((letter, value) => [letter, value]))

/** Base45 (RFC 9285): two octets in three letters that a QR code packs tightly. */
export function toBase45(bytes: Uint8Array): string {
  let text = ''
  for (let i = 0; i < bytes.length; i += 2) {
    const high = bytes[i] ?? 0
    const low = bytes[i + 1]
    const n = low === undefined ? high : high * 256 + low
    text += letter(n % 45) + letter(Math.floor(n / 45) % 45)
    if (low !== undefined) text += letter(Math.floor(n / 2025))
  }
  return text
}

/** Reads Base45 strictly (RFC 9285 section 6). Anything malformed is `undefined`. */
export function fromBase45(text: string): Bytes | undefined {
  if (text.length % 3 === 1) return undefined
  const bytes = new Uint8Array(Math.floor(text.length / 3) * 2 + (text.length % 3 === 2 ? 1 : 0))
  for (let i = 0, at = 0; i < text.length; i += 3) {
    const group = [...text.slice(i, i + 3)].map((l) => values.get(l))
    const [c, d, e] = group
    if (c === undefined || d === undefined || group.includes(undefined)) return undefined
    const n = c + d * 45 + (e ?? 0) * 2025
    if (e === undefined) {
      if (n > 0xff) return undefined
      bytes[at++] = n
    } else {
      if (n > 0xffff) return undefined
      bytes[at++] = Math.floor(n / 256)
      bytes[at++] = n % 256
    }
  }
  return bytes
}

function letter(value: number): string {
  return alphabet[value] ?? ''
}
