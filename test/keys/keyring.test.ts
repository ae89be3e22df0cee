import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { expect, it } from 'vitest'

import { createKeyring, openKeyring } from '../../src/keys/keyring.ts'

const origin = 'ledger.example.org/t/2026'
const folder = () => mkdtempSync(join(tmpdir(), 'symbolon-keys-'))

it('reads back any seed, also one whose base64 begins with a plus', () => {
  for (const octet of [0x00, 0xf8, 0xfb, 0xff]) {
    const data = folder()
    const made = createKeyring(data, origin, {
      random: (size) => new Uint8Array(size).fill(octet),
    })
    expect(made.logs).toMatchObject([{ name: origin }])
    expect(openKeyring(data).logs[0]?.vkey).toBe(made.logs[0]?.vkey)
  }
})

it('leaves a folder alone that has keys', () => {
  const data = folder()
  createKeyring(data, origin)
  expect(() => createKeyring(data, origin)).toThrow()
})
