import { type Bytes, concat } from '../base/bytes.ts'

/** A portrait has 3 : 4 in exactly these pixels, and at most so many octets. */
export const portraitSize = { width: 360, height: 480, octets: 60_000 } as const

/** What is wrong with octets that should be a portrait. */
export type PictureFault = 'not_jpeg' | 'too_large' | 'dimensions' | 'metadata'

interface Segment {
  readonly marker: number
  /** From its marker to before the next one; for a scan with its entropy-coded data. */
  readonly octets: Uint8Array
}

const startOfImage = 0xd8
const endOfImage = 0xd9
const startOfScan = 0xda
const quantization = 0xdb
const jfif = 0xe0
/** Baseline, extended sequential and progressive (ITU-T T.81, table B.1). */
const frames = [0xc0, 0xc1, 0xc2]
/** Huffman and quantization tables, restart interval, scans, the end. */
const picture = [...frames, 0xc4, quantization, 0xdd, startOfScan, endOfImage]

/**
 * What is wrong with a portrait, or `undefined`. It is walked from marker to marker and never
 * decoded: one frame of 8 bits, grey or in three colours, 360 by 480; besides tables and scans only
 * a JFIF head without a thumbnail; nothing behind its end.
 */
export function portraitFault(octets: Uint8Array): PictureFault | undefined {
  if (octets.length > portraitSize.octets) return 'too_large'
  const segments = segmentsOf(octets)
  if (!segments) return 'not_jpeg'
  if (!segments.every((one) => picture.includes(one.marker) || isBareJfif(one))) return 'metadata'
  const found = segments.filter(({ marker }) => frames.includes(marker))
  const [frame] = found
  const has = (marker: number) => segments.some((one) => one.marker === marker)
  if (!frame || found.length > 1 || !has(startOfScan) || !has(quantization)) return 'not_jpeg'
  return frameFault(frame.octets)
}

/**
 * A JPEG without what it says besides its picture: every APPn segment but the first JFIF head, and
 * comments, are left out. `undefined` for what is no JPEG.
 */
export function withoutMetadata(octets: Uint8Array): Bytes | undefined {
  const segments = segmentsOf(octets)
  if (!segments) return undefined
  const kept = segments.filter((one) => picture.includes(one.marker) || isBareJfif(one))
  return concat(octets.subarray(0, 2), ...kept.map((one) => one.octets))
}

function frameFault(frame: Uint8Array): PictureFault | undefined {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength)
  if (frame.length < 10 || view.getUint8(4) !== 8) return 'not_jpeg'
  const components = view.getUint8(9)
  if (![1, 3].includes(components) || frame.length !== 10 + 3 * components) return 'not_jpeg'
  const right = { width: view.getUint16(7), height: view.getUint16(5) }
  const { width, height } = portraitSize
  return right.width === width && right.height === height ? undefined : 'dimensions'
}

/** `JFIF\0`, version, density, and no thumbnail: 18 octets with marker and length. */
function isBareJfif({ marker, octets }: Segment): boolean {
  const named = String.fromCharCode(...octets.subarray(4, 9)) === 'JFIF\0'
  return marker === jfif && octets.length === 18 && named && octets[16] === 0 && octets[17] === 0
}

/** The segments behind the start of the image, its end the last; `undefined` for anything else. */
function segmentsOf(octets: Uint8Array): Segment[] | undefined {
  if (octets[0] !== 0xff || octets[1] !== startOfImage) return undefined
  const segments: Segment[] = []
  let at = 2
  while (at + 2 <= octets.length) {
    const marker = octets[at + 1] ?? 0
    if (octets[at] !== 0xff) return undefined
    if (marker === endOfImage) {
      if (at + 2 !== octets.length) return undefined
      return [...segments, { marker, octets: octets.subarray(at) }]
    }
    const length = ((octets[at + 2] ?? 0) << 8) | (octets[at + 3] ?? 0)
    const hasLength = marker >= 0xc0 && !(marker >= 0xd0 && marker <= startOfImage)
    if (!hasLength || length < 2 || at + 2 + length > octets.length) return undefined
    const head = at + 2 + length
    const end = marker === startOfScan ? endOfScan(octets, head) : head
    segments.push({ marker, octets: octets.subarray(at, end) })
    at = end
  }
  return undefined
}

/** Entropy-coded data goes on over stuffed zeros and restart markers (T.81, B.1.1.5). */
function endOfScan(octets: Uint8Array, from: number): number {
  let at = from
  while (at < octets.length) {
    const next = octets[at + 1] ?? 0
    if (octets[at] === 0xff && next !== 0 && !(next >= 0xd0 && next <= 0xd7)) return at
    at++
  }
  return octets.length
}
