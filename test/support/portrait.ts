import { portraitSize } from '../../src/formats/jpeg.ts'

/** What a test may spoil in a JPEG. */
export interface JpegWishes {
  readonly width?: number
  readonly height?: number
  /** The marker of its frame: baseline, or 0xc2 for progressive. */
  readonly frame?: number
  /** Segments between its head and its picture. */
  readonly more?: readonly Buffer[]
  /** Octets of its scan. */
  readonly scan?: number
  /** Behind its end. */
  readonly behind?: Buffer
}

const startOfImage = Buffer.from([0xff, 0xd8])
const endOfImage = Buffer.from([0xff, 0xd9])

/** One segment: marker, length, octets. */
export function segment(marker: number, octets: Uint8Array | string): Buffer {
  const body = Buffer.from(octets as Uint8Array)
  const head = Buffer.from([0xff, marker, 0, 0])
  head.writeUInt16BE(body.length + 2, 2)
  return Buffer.concat([head, body])
}

/** The head of a JFIF file, without a thumbnail. */
export const jfif = segment(0xe0, Buffer.from('JFIF\0\x01\x01\0\0\x01\0\x01\0\0', 'latin1'))

/** A JPEG as far as its structure goes; `seed` makes it another than the next one. */
export function jpeg(seed: number, wishes: JpegWishes = {}): Buffer {
  const { width = portraitSize.width, height = portraitSize.height } = wishes
  const { frame = 0xc0, more = [], scan = 600, behind = Buffer.alloc(0) } = wishes
  const size = Buffer.from([8, 0, 0, 0, 0, 3, 1, 0x22, 0, 2, 0x11, 0, 3, 0x11, 0])
  size.writeUInt16BE(height, 1)
  size.writeUInt16BE(width, 3)
  const coded = Buffer.alloc(scan, seed)
  // A stuffed zero and a restart marker are part of a scan.
  coded.set([0xff, 0x00, 0xff, 0xd0], 8)
  return Buffer.concat([
    ...[startOfImage, jfif, ...more, segment(0xdb, Buffer.alloc(65, 1))],
    ...[segment(frame, size), segment(0xc4, Buffer.alloc(20, 1))],
    ...[segment(0xda, Buffer.from([3, 1, 0, 2, 0x11, 3, 0x11, 0, 63, 0])), coded],
    ...[endOfImage, behind],
  ])
}
