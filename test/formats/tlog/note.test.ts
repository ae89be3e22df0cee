import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { toBase64, utf8 } from '../../../src/base/bytes.ts'
import { TlogError } from '../../../src/formats/tlog/error.ts'
import {
  formatNote,
  formatVkey,
  isKeyName,
  keyId,
  makeVkey,
  noteVerifier,
  openNote,
  parseNote,
  parseSignatures,
  parseVkey,
  signNote,
} from '../../../src/formats/tlog/note.ts'
import {
  hex,
  type NoteVectors,
  sha256,
  signerOf,
  spec,
  specJson,
  verifyEd25519,
} from './support.ts'

const vectors = specJson<NoteVectors>('notes.json')
const [logKey, nextKey] = vectors.keys as [NoteVectors['keys'][0], NoteVectors['keys'][0]]
const log = noteVerifier(parseVkey(sha256, logKey.vkey), verifyEd25519)
const next = noteVerifier(parseVkey(sha256, nextKey.vkey), verifyEd25519)
const line = `— example.com/foo ${toBase64(new Uint8Array(68))}\n`

describe('verifier keys', () => {
  it('of every vector are read and written back', () => {
    const texts = spec('vkeys.txt').toString().trimEnd().split('\n')
    expect(texts).toEqual(vectors.keys.map(({ vkey }) => vkey))
    for (const [i, key] of vectors.keys.entries()) {
      const vkey = parseVkey(sha256, texts[i]!)
      const publicKey = hex(key.public_key_hex)
      expect(vkey).toEqual({ name: key.name, keyId: key.key_id_hex, type: key.type, publicKey })
      expect(formatVkey(vkey)).toBe(key.vkey)
      expect(makeVkey(sha256, key.name, key.type, publicKey)).toEqual(vkey)
      expect(keyId(sha256, key.name, key.type, publicKey)).toBe(key.key_id_hex)
    }
  })

  it.each([
    ['', 'VKEY_MALFORMED'],
    ['a+b', 'VKEY_MALFORMED'],
    [logKey.vkey.replace('+7d75dd1d', '+7d75dd1e'), 'VKEY_MALFORMED'],
    [logKey.vkey.replace('+7d75dd1d', '+7D75DD1D'), 'VKEY_MALFORMED'],
    [logKey.vkey.replace('ledger', 'ledges'), 'VKEY_MALFORMED'],
    [logKey.vkey.replace('ledger', 'led ger'), 'VKEY_MALFORMED'],
    [`${logKey.vkey}\n`, 'VKEY_MALFORMED'],
    [`${logKey.vkey}=`, 'VKEY_MALFORMED'],
    [logKey.vkey.slice(0, -4), 'VKEY_MALFORMED'],
    [`PRIVATE+KEY+${logKey.vkey}`, 'VKEY_MALFORMED'],
    [`a+00000000+${toBase64(Uint8Array.of(2, 1, 1))}`, 'VKEY_UNSUPPORTED'],
    ['a'.repeat(2_000), 'VKEY_MALFORMED'],
  ])('refuses %j as %s', (text, code) => {
    expect(() => parseVkey(sha256, text)).toThrow(expect.objectContaining({ code }))
  })

  it('allow every name without spaces, pluses and control characters', () => {
    for (const name of ['a', 'é/工会', 'a.b/c-d_e', '\u200b']) expect(isKeyName(name)).toBe(true)
    for (const name of [
      '',
      ' ',
      'a b',
      'a+b',
      'a\u00a0b',
      'a\u3000b',
      'a\nb',
      'a\u0001',
      '\ud800',
    ]) {
      expect(isKeyName(name)).toBe(false)
    }
  })
})

describe('opening', () => {
  it('verifies the example of the specification', async () => {
    const { vkey, note } = vectors.c2sp_example
    const verifier = noteVerifier(parseVkey(sha256, vkey), verifyEd25519)
    const { text, signatures } = await openNote(utf8(note), [verifier])
    expect(text).toBe('This is an example message.\n')
    expect(signatures).toHaveLength(1)
  })

  it('answers both signatures while keys are rotated, and either alone', async () => {
    const both = utf8(vectors.checkpoints.at(-1)!.rotation_overlap_both_keys!)
    expect((await openNote(both, [log, next])).signatures).toHaveLength(2)
    expect((await openNote(both, [log])).signatures[0]?.keyId).toBe(log.keyId)
    expect((await openNote(both, [next])).signatures[0]?.keyId).toBe(next.keyId)
  })

  it('matches a key by name and id, never by one of them', async () => {
    const note = utf8(vectors.checkpoints[0]!.signed)
    const refused = { code: 'NOTE_UNVERIFIED' }
    await expect(openNote(note, [{ ...log, keyId: next.keyId }])).rejects.toMatchObject(refused)
    await expect(openNote(note, [{ ...log, name: 'other' }])).rejects.toMatchObject(refused)
    await expect(openNote(note, [])).rejects.toMatchObject(refused)
  })

  it('rejects the whole note when one known signature of two fails', async () => {
    const note = vectors.checkpoints.at(-1)!.rotation_overlap_both_keys!
    const bad = note.replace('kss35KZf', 'kss35KZg')
    const refused = { code: 'NOTE_SIGNATURE_INVALID' }
    await expect(openNote(utf8(bad), [log, next])).rejects.toMatchObject(refused)
    await expect(openNote(utf8(bad), [log])).resolves.toBeDefined()
  })

  it('calls two keys of one name and id a mistake', async () => {
    const note = utf8(vectors.checkpoints[0]!.signed)
    await expect(openNote(note, [log, log])).rejects.toBeInstanceOf(TypeError)
  })
})

describe('signing', () => {
  it('gives the octets that Go gives', () => {
    for (const { body, signed, rotation_overlap_both_keys: both } of vectors.checkpoints) {
      expect(signNote(body, [signerOf(logKey)])).toEqual(utf8(signed))
      if (both) expect(signNote(body, [logKey, nextKey].map(signerOf))).toEqual(utf8(both))
    }
  })

  it('calls a text that could not be read back a mistake', () => {
    for (const text of ['', 'a', 'a\tb\n', 'a\r\n', '\ud800\n']) {
      expect(() => signNote(text, [signerOf(logKey)])).toThrow(TypeError)
    }
    expect(() => signNote('a\n', [])).toThrow(TypeError)
  })
})

describe('splitting', () => {
  it('takes the last empty line', () => {
    const { text, signatures } = parseNote(utf8(`a\n\nb\n\n${line}`))
    expect(text).toBe('a\n\nb\n')
    expect(signatures).toHaveLength(1)
  })

  it('accepts 100 signatures and refuses 101', () => {
    expect(parseNote(utf8(`a\n\n${line.repeat(100)}`)).signatures).toHaveLength(100)
    refuse(utf8(`a\n\n${line.repeat(101)}`))
  })

  it.each([
    ['nothing', ''],
    ['no signatures', 'a\n\n'],
    ['no empty line', `a\n${line}`],
    ['no final newline', `a\n\n${line.trimEnd()}`],
    ['a hyphen', `a\n\n${line.replace('—', '-')}`],
    ['two spaces', `a\n\n${line.replace('— ', '—  ')}`],
    ['a trailing space', `a\n\n${line.replace('\n', ' \n')}`],
    ['a name with a plus', `a\n\n${line.replace('foo', 'f+o')}`],
    ['a name with a wide space', `a\n\n${line.replace('foo', 'f\u3000o')}`],
    ['a carriage return', `a\r\n\n${line}`],
    ['a tab in the text', `a\tb\n\n${line}`],
    ['four octets only', 'a\n\n— foo AAAAAA==\n'],
    ['base64 without padding', 'a\n\n— foo AAAAAAA\n'],
    ['base64 with trailing bits', 'a\n\n— foo AAAAAAB=\n'],
    ['url-safe base64', 'a\n\n— foo AAAA__AA\n'],
    ['an empty line among signatures', `a\n\n${line}\n${line.replace('—', 'x')}`],
  ])('refuses %s', (_, note) => {
    refuse(utf8(note))
  })

  it('refuses what is not UTF-8, and a note beyond 1 MB', () => {
    refuse(Uint8Array.of(0xff, ...utf8(`\n\n${line}`)))
    refuse(Uint8Array.of(0xed, 0xa0, 0x80, ...utf8(`\n\n${line}`)))
    refuse(utf8(`${'a'.repeat(1_000_000)}\n\n${line}`))
  })

  it('keeps a byte order mark as text, so that what is signed stays what came', () => {
    expect(parseNote(utf8(`\ufeffa\n\n${line}`)).text).toBe('\ufeffa\n')
  })

  it('reads what was written, and never throws anything undeclared', () => {
    const pieces = fc.constantFrom(
      '—',
      ' ',
      '\n',
      '\n\n',
      line,
      'foo',
      '+',
      'AAAAAAA=',
      '\r',
      '=',
      'é',
    )
    const text = fc.array(pieces, { maxLength: 20 }).map((parts) => parts.join(''))
    const octets = fc.oneof(text.map(utf8), fc.uint8Array({ maxLength: 200 }))
    fc.assert(
      fc.property(octets, (bytes) => {
        try {
          expect(formatNote(parseNote(bytes))).toEqual(new Uint8Array(bytes))
        } catch (error) {
          if (!(error instanceof TlogError)) throw error
        }
      }),
      { numRuns: 2000 },
    )
  })

  it('reads signature lines alone, as witnesses answer them', () => {
    expect(parseSignatures(line + line)).toHaveLength(2)
    for (const lines of ['', '\n', line.trimEnd(), `${line}\n`, `\n${line}`]) {
      expect(() => parseSignatures(lines)).toThrow(TlogError)
    }
  })
})

function refuse(note: Uint8Array): void {
  expect(() => parseNote(note)).toThrow(expect.objectContaining({ code: 'NOTE_MALFORMED' }))
}
