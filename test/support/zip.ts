import { crc32, deflateRawSync } from 'node:zlib'

export interface ZipEntry {
  readonly path: string
  readonly data: string | Uint8Array
  readonly deflated?: boolean
  /** What the headers claim instead of the true unpacked size. */
  readonly claimedSize?: number
}

/** A zip archive in memory, truthful unless an entry is told to lie. */
export function zip(entries: readonly ZipEntry[]): Uint8Array<ArrayBuffer> {
  const parts: Uint8Array[] = []
  const directory: Uint8Array[] = []
  let offset = 0
  for (const entry of entries) {
    const path = Buffer.from(entry.path)
    const data = Buffer.from(entry.data as string)
    const packed = entry.deflated === true ? deflateRawSync(data) : data
    const fixed = Buffer.alloc(26)
    fixed.writeUInt16LE(20, 0)
    fixed.writeUInt16LE(entry.deflated === true ? 8 : 0, 4)
    fixed.writeUInt32LE(crc32(data), 10)
    fixed.writeUInt32LE(packed.length, 14)
    fixed.writeUInt32LE(entry.claimedSize ?? data.length, 18)
    fixed.writeUInt16LE(path.length, 22)
    const tail = Buffer.alloc(14)
    tail.writeUInt32LE(offset, 10)
    const local = Buffer.concat([Buffer.from('PK\x03\x04'), fixed, path, packed])
    parts.push(local)
    directory.push(Buffer.from('PK\x01\x02\x14\x00', 'latin1'), fixed, tail, path)
    offset += local.length
  }
  const end = Buffer.alloc(18)
  end.writeUInt16LE(entries.length, 4)
  end.writeUInt16LE(entries.length, 6)
  end.writeUInt32LE(Buffer.concat(directory).length, 8)
  end.writeUInt32LE(offset, 12)
  return new Uint8Array(Buffer.concat([...parts, ...directory, Buffer.from('PK\x05\x06'), end]))
}
