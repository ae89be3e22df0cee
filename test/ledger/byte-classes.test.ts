import { cpSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { beforeAll, describe, expect, it } from 'vitest'

import { Weather } from '../../src/base/refusal.ts'
import { signNote } from '../../src/formats/tlog/note.ts'
import { createKeyring } from '../../src/keys/keyring.ts'
import { exportLog } from '../../src/ledger/export-log.ts'
import { directorySource } from '../../src/ledger/file-sources.ts'
import { verifyLog } from '../../src/ledger/verify.ts'
import { readSnapshot } from '../../src/store/snapshot.ts'
import { type Books, issue, openBooks, origin, policyOf, redeem } from './books.ts'

type Change = (bytes: Buffer) => Buffer

const folder = (name: string) => mkdtempSync(join(tmpdir(), `symbolon-${name}-`))
const flip =
  (at: (bytes: Buffer) => number): Change =>
  (bytes) => {
    const changed = Buffer.from(bytes)
    const i = at(bytes)
    changed[i] = changed[i]! ^ 1
    return changed
  }
const shorter: Change = (bytes) => bytes.subarray(0, -1)
const longer: Change = (bytes) => Buffer.concat([bytes, Buffer.from([0])])
const empty: Change = () => Buffer.alloc(0)
const text =
  (change: (text: string) => string): Change =>
  (bytes) =>
    Buffer.from(change(bytes.toString()))
const line =
  (n: number, change: (line: string) => string): Change =>
  (bytes) => {
    const lines = bytes.toString().split('\n')
    lines[n] = change(lines[n]!)
    return Buffer.from(lines.join('\n'))
  }
/** The octet at `i` of what the signature line's base64 holds: key id, then signature. */
const signature = (i: number): Change =>
  line(4, (written) => {
    const [dash, name, encoded] = written.split(' ')
    const changed = flip(() => i)(Buffer.from(encoded!, 'base64'))
    return `${dash} ${name} ${changed.toString('base64')}`
  })

/** A checkpoint is text: each line, each part of its signature, and what stands between them. */
const ofCheckpoint: Record<string, Change> = {
  'the origin': line(0, (host) => `x${host.slice(1)}`),
  'the size': line(1, (size) => String(Number(size) - 1)),
  'a zero before the size': line(1, (size) => `0${size}`),
  'the root': line(2, (root) => `${root[0] === 'A' ? 'B' : 'A'}${root.slice(1)}`),
  'a root of 31 octets': line(2, (root) =>
    Buffer.from(root, 'base64').subarray(1).toString('base64'),
  ),
  'the last bits of the root': line(2, (root) =>
    root.replace(/(.)=$/, (_, last: string) => {
      return `${String.fromCharCode(last.charCodeAt(0) + 1)}=`
    }),
  ),
  'a line more in the text': line(2, (root) => `${root}\nmore`),
  'an empty line more': line(2, (root) => `${root}\n`),
  'the empty line gone': text((all) => all.replace('\n\n', '\n')),
  'the dash': line(4, (written) => written.replace('—', '-')),
  'the name of the key': line(4, (written) => written.replace('— ', '— x')),
  'the id of the key': signature(0),
  'the first octet of the signature': signature(4),
  'the last octet of the signature': signature(67),
  'the last newline gone': shorter,
  'a NUL behind it': longer,
  'a carriage return': text((all) => all.replace('\n', '\r\n')),
  'a byte order mark': text((all) => `\ufeff${all}`),
  nothing: empty,
}
/** 32 octets a hash. */
const ofTile: Record<string, Change> = {
  'the first octet of the first hash': flip(() => 0),
  'the last octet of a hash': flip(() => 31),
  'a hash in the middle': flip((bytes) => Math.floor(bytes.length / 64) * 32),
  'the last octet': flip((bytes) => bytes.length - 1),
  'an octet fewer': shorter,
  'a hash fewer': (bytes) => bytes.subarray(0, -32),
  'an octet more': longer,
  'a hash more': (bytes) => Buffer.concat([bytes, Buffer.alloc(32)]),
  nothing: empty,
}
/** Two octets of length, then the entry. */
const ofBundle: Record<string, Change> = {
  'the high octet of a length': flip(() => 0),
  'the low octet of a length': flip(() => 1),
  'the brace of an entry': flip(() => 2),
  'a name in an entry': flip((bytes) => bytes.indexOf('"k"') + 1),
  'a digit of an amount': flip((bytes) => bytes.indexOf('"amt":') + 6),
  'a digit of a time': flip((bytes) => bytes.indexOf('"t":') + 10),
  'a digest': flip((bytes) => bytes.indexOf('"d":[') + 10),
  'an account': flip((bytes) => bytes.indexOf('"p":[["') + 8),
  'the last octet': flip((bytes) => bytes.length - 1),
  'an octet fewer': shorter,
  'an octet more': longer,
  nothing: empty,
}
/** 16 octets a voucher. */
const ofList: Record<string, Change> = {
  'the first octet': flip(() => 0),
  'the last octet': flip((bytes) => bytes.length - 1),
  'an octet fewer': shorter,
  'a voucher fewer': (bytes) => bytes.subarray(0, -16),
  'a voucher more': (bytes) => Buffer.concat([bytes, Buffer.alloc(16)]),
  'two vouchers in another order': (bytes) =>
    Buffer.concat([bytes.subarray(16, 32), bytes.subarray(0, 16), bytes.subarray(32)]),
  nothing: empty,
}

function classesOf(path: string): Record<string, Change> {
  if (path === 'checkpoint') return ofCheckpoint
  if (path.startsWith('tile/entries/')) return ofBundle
  return path.startsWith('tile/') ? ofTile : ofList
}

describe('every class of octets of every kind of file of a log', () => {
  let books: Books
  let log: string
  beforeAll(async () => {
    books = await openBooks('sqlite')
    // A full tile, a partial one, and one above them.
    for (let i = 0; i < 13; i++)
      for (const each of await issue(books, 20)) await redeem(books, each)
    log = folder('classes')
    await readSnapshot(books.location, (reader) => exportLog(reader, origin, log))
    await books.store.close()
  })

  const look = async (dir: string) =>
    (await verifyLog(directorySource(dir), policyOf(books))).findings.map(({ check }) => check)
  /** The same; a file longer than any may be is not read at all. */
  const lookOrRefuse = (dir: string) =>
    look(dir).catch((error: unknown) => {
      if (!(error instanceof Weather)) throw error
      return ['unreadable']
    })

  const paths = [
    ...['checkpoint', 'issued/1', 'tile/0/000', 'tile/0/001.p/30', 'tile/1/000.p/1'],
    ...['tile/entries/000', 'tile/entries/001.p/30'],
  ]
  const cases = paths.flatMap((path) =>
    Object.entries(classesOf(path)).map(([what, change]) => ({ path, what, change })),
  )

  it('has no file of another kind', () => {
    const kinds = readdirSync(log, { recursive: true, withFileTypes: true })
      .filter((each) => each.isFile())
      .map((each) => join(each.parentPath, each.name).slice(log.length + 1))
      .filter((path) => !/^(checkpoint$|issued\/|tile\/(0|1|entries)\/)/.test(path))
    expect(kinds).toEqual([])
  })

  it.each(cases)('is noticed in $path: $what', async ({ path, change }) => {
    expect(await look(log)).toEqual([])
    const copy = folder('copy')
    cpSync(log, copy, { recursive: true })
    const bytes = readFileSync(join(log, path))
    const changed = change(bytes)
    expect(changed.equals(bytes)).toBe(false)
    writeFileSync(join(copy, path), changed)
    expect(await lookOrRefuse(copy)).not.toEqual([])
  })

  // The specification has unknown signatures ignored: whoever adds one says nothing about the log.
  it('lets an unknown key’s signature stand beside the log’s own, and not in its place', async () => {
    const copy = folder('copy')
    cpSync(log, copy, { recursive: true })
    const note = readFileSync(join(log, 'checkpoint'), 'utf8')
    const stranger = createKeyring(folder('stranger'), origin).logs[0]!
    const theirs = signNote(note.slice(0, note.indexOf('\n\n') + 1), [stranger])
    const foreign = Buffer.from(theirs).toString().split('\n\n')[1]
    writeFileSync(join(copy, 'checkpoint'), `${note}${foreign}`)
    expect(await look(copy)).toEqual([])
    writeFileSync(join(copy, 'checkpoint'), theirs)
    expect(await look(copy)).toEqual(['checkpoint'])
  })
})
