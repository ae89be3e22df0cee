import { crc32, inflateRawSync } from 'node:zlib'
import { Refusal } from '../../base/refusal.ts'

/** Everything a workbook may unpack to: 50 000 rows of 10 columns are about 40 MB. */
const unpackedBytes = 128 * 1024 * 1024
const mostEntries = 2_000

const endSignature = 0x06054b50
const centralSignature = 0x02014b50
const localSignature = 0x04034b50

interface Entry {
  readonly path: Buffer
  readonly data: Uint8Array
}

/**
 * The XML parts of a zip archive in a new archive that is stored, not compressed.
 *
 * Readers of workbooks go from local header to local header and believe each; this one follows the
 * central directory, adds up the declared sizes before it unpacks anything, and lets no entry grow
 * beyond its own. What comes out has only true sizes and no entry that the directory hides.
 *
 * Refuses FILE_TOO_LARGE (`hint: save_as_csv`) above 128 MiB unpacked or 2 000 entries, and
 * FILE_UNREADABLE for anything broken, encrypted, in several volumes or ZIP64.
 */
export function repack(archive: Buffer): Buffer {
  try {
    return store(directoryOf(archive).map((header) => unpack(archive, header)))
  } catch (error) {
    throw error instanceof Refusal ? error : new Refusal('FILE_UNREADABLE', { reason: 'zip' })
  }
}

interface Header {
  readonly path: Buffer
  readonly flags: number
  readonly method: number
  readonly crc: number
  readonly packedSize: number
  readonly size: number
  readonly offset: number
}

function directoryOf(archive: Buffer): Header[] {
  const end = archive.lastIndexOf(Buffer.from('PK\x05\x06', 'latin1'))
  if (end < 0 || archive.readUInt32LE(end) !== endSignature) throw broken()
  const count = archive.readUInt16LE(end + 10)
  if (count > mostEntries) throw tooLarge()
  const headers: Header[] = []
  let at = archive.readUInt32LE(end + 16)
  let total = 0
  for (let i = 0; i < count; i++) {
    if (archive.readUInt32LE(at) !== centralSignature) throw broken()
    const pathEnd = at + 46 + archive.readUInt16LE(at + 28)
    const header = {
      path: archive.subarray(at + 46, pathEnd),
      flags: archive.readUInt16LE(at + 8),
      method: archive.readUInt16LE(at + 10),
      crc: archive.readUInt32LE(at + 16),
      packedSize: archive.readUInt32LE(at + 20),
      size: archive.readUInt32LE(at + 24),
      offset: archive.readUInt32LE(at + 42),
    }
    total += header.size
    if (total > unpackedBytes) throw tooLarge()
    if (/\.xml(\.rels)?$/.test(header.path.toString('latin1'))) headers.push(header)
    at = pathEnd + archive.readUInt16LE(at + 30) + archive.readUInt16LE(at + 32)
  }
  return headers
}

function unpack(archive: Buffer, header: Header): Entry {
  const { offset, packedSize, size } = header
  if (archive.readUInt32LE(offset) !== localSignature || header.flags % 2 === 1) throw broken()
  const start = offset + 30 + archive.readUInt16LE(offset + 26) + archive.readUInt16LE(offset + 28)
  const packed = archive.subarray(start, start + packedSize)
  if (packed.length !== packedSize || (header.method !== 0 && header.method !== 8)) throw broken()
  const data =
    header.method === 0 ? packed : inflateRawSync(packed, { maxOutputLength: Math.max(size, 1) })
  if (data.length !== size || crc32(data) !== header.crc) throw broken()
  return { path: header.path, data }
}

/**
 * A zip archive of `entries` without compression (APPNOTE 6.3.10, sections 4.3.7, 4.3.12, 4.3.16).
 */
function store(entries: readonly Entry[]): Buffer {
  const parts: Uint8Array[] = []
  const directory: Uint8Array[] = []
  let offset = 0
  for (const { path, data } of entries) {
    const local = Buffer.alloc(30)
    local.writeUInt32LE(localSignature, 0)
    local.writeUInt16LE(20, 4)
    local.writeUInt32LE(crc32(data), 14)
    local.writeUInt32LE(data.length, 18)
    local.writeUInt32LE(data.length, 22)
    local.writeUInt16LE(path.length, 26)
    const central = Buffer.alloc(46)
    central.writeUInt32LE(centralSignature, 0)
    central.writeUInt16LE(20, 4)
    local.copy(central, 6, 4, 30)
    central.writeUInt32LE(offset, 42)
    parts.push(local, path, data)
    directory.push(central, path)
    offset += local.length + path.length + data.length
  }
  const end = Buffer.alloc(22)
  end.writeUInt32LE(endSignature, 0)
  end.writeUInt16LE(entries.length, 8)
  end.writeUInt16LE(entries.length, 10)
  end.writeUInt32LE(
    directory.reduce((sum, part) => sum + part.length, 0),
    12,
  )
  end.writeUInt32LE(offset, 16)
  return Buffer.concat([...parts, ...directory, end])
}

function broken(): Refusal {
  return new Refusal('FILE_UNREADABLE', { reason: 'zip' })
}

function tooLarge(): Refusal {
  return new Refusal('FILE_TOO_LARGE', { hint: 'save_as_csv' })
}
