import { mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { describe, expect, it } from 'vitest'

import { toBase64 } from '../../src/base/bytes.ts'
import { makeRoleKeys, makeRoot, pkcs8Of } from '../../src/keys/certificates.ts'
import { sealKeyFolder } from '../../src/keys/key-folder.ts'
import { createKeyring, isSecretFile, openKeyring } from '../../src/keys/keyring.ts'
import { passphraseOf } from '../../src/keys/passphrase.ts'

const now = Date.UTC(2026, 5, 1)
const origin = 'ledger.example.org/t/2026'
const passphrase = '春风又绿江南岸'
const folder = () => mkdtempSync(join(tmpdir(), 'symbolon-keys-'))

async function newKeyring(data: string, sealed: boolean) {
  const root = await makeRoot('root', now)
  const roleKeys = await makeRoleKeys(root, { name: 'nx', url: 'https://nx.test', now })
  return createKeyring(data, origin, {
    ...(sealed && { passphrase }),
    ...{ roleKeys, root: root.certificate, rootKey: pkcs8Of(root.key) },
  })
}

describe('sealed keys', () => {
  it('are not to be found in any file, in any spelling', async () => {
    const data = folder()
    const { master } = await newKeyring(data, true)
    const files = readdirSync(join(data, 'keys'))
    const secret = files.filter(isSecretFile)
    expect(secret).toHaveLength(10) // master, log, witness, the node's own root, six roles
    for (const file of secret) {
      const bytes = readFileSync(join(data, 'keys', file))
      expect(bytes.toString()).toMatch(/^sealed:[A-Za-z0-9+/=]+\n$/)
      expect(bytes.includes(toBase64(master))).toBe(false)
    }
    for (const file of files) {
      expect(statSync(join(data, 'keys', file)).mode & 0o077, file).toBe(0)
    }
  })

  it('cannot be read without the passphrase, or with another', async () => {
    const data = folder()
    await newKeyring(data, true)
    expect(() => openKeyring(data)).toThrow('sealed, and no passphrase is set')
    expect(() => openKeyring(data, `${passphrase} `)).toThrow('passphrase does not open the keys')
    expect(openKeyring(data, passphrase).sealed).toBe(true)
  })

  it('are what they were before', async () => {
    const data = folder()
    const made = await newKeyring(data, true)
    const opened = openKeyring(data, passphrase)
    expect(opened.master).toEqual(made.master)
    expect(opened.logs[0]?.vkey).toBe(made.logs[0]?.vkey)
    expect(opened.roles.current('issuer').kid).toBe(made.roles.current('issuer').kid)
    expect(opened.trustRoots).toEqual(made.trustRoots)
  })

  it('do not open when they were changed, or put in each other’s place', async () => {
    const data = folder()
    await newKeyring(data, true)
    const file = (name: string) => join(data, 'keys', name)
    const master = readFileSync(file('master.key'), 'utf8')
    writeFileSync(file('master.key'), readFileSync(file('own-root.key')))
    expect(() => openKeyring(data, passphrase)).toThrow('master.key does not open')
    writeFileSync(file('master.key'), `${toBase64(new Uint8Array(32))}\n`)
    expect(() => openKeyring(data, passphrase)).toThrow('master.key does not open')
    writeFileSync(file('master.key'), master.replace(/.{6}$/s, 'AAAA\n'))
    expect(() => openKeyring(data, passphrase)).toThrow('master.key does not open')
  })

  it('can be made of plain ones, once', async () => {
    const data = folder()
    const made = await newKeyring(data, false)
    expect(made.sealed).toBe(false)
    expect(sealKeyFolder(join(data, 'keys'), passphrase, isSecretFile)).toBe(10)
    expect(() => openKeyring(data)).toThrow('sealed')
    expect(openKeyring(data, passphrase).master).toEqual(made.master)
    expect(readdirSync(data)).toEqual(['keys'])
    expect(() => sealKeyFolder(join(data, 'keys'), passphrase, isSecretFile)).toThrow('already')
  })
})

describe('the passphrase', () => {
  it('is what a command writes, without its line’s end', () => {
    expect(passphraseOf({ keysCommand: 'echo "unwrapped by a KMS"' })).toBe('unwrapped by a KMS')
    expect(passphraseOf({ keysPassphrase: 'x' })).toBe('x')
    expect(passphraseOf({})).toBeUndefined()
  })

  it('is none when the command fails or writes nothing, and what it wrote is not told', () => {
    expect(() => passphraseOf({ keysCommand: 'echo secret; exit 3' })).toThrow(
      /^KEYS_COMMAND failed$/,
    )
    expect(() => passphraseOf({ keysCommand: 'true' })).toThrow('wrote nothing')
    expect(() => passphraseOf({ keysCommand: 'true', keysPassphrase: 'x' })).toThrow('not both')
  })
})
