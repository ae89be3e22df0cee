import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { beforeAll, describe, expect, it } from 'vitest'

import { systemClock } from '../../src/base/clock.ts'
import { openKeyring } from '../../src/keys/keyring.ts'
import { fromPem, roles } from '../../src/keys/role-keys.ts'
import { checkCertificatePath } from '../../src/trust/certificate-path.ts'
import { answerOf, symbolon } from '../support/command-line.ts'

const url = 'https://union.example/nodes/nx'
const env = { ROOT_PASSPHRASE: 'of the root' }
const folder = () => mkdtempSync(join(tmpdir(), 'symbolon-pki-'))
let place: string
let national: string

beforeAll(async () => {
  place = folder()
  national = join(place, 'root')
  const made = await symbolon(['root', 'create', '--out', national, '--name', '全国总工会'], env)
  expect(made).toMatchObject({ code: 0, err: '' })
})

async function found(...more: string[]): Promise<string> {
  const data = join(folder(), 'data')
  const argv = ['found', '--data', data, '--node', 'nx', '--name', '宁夏', '--url', url, ...more]
  expect(await symbolon(argv, env)).toMatchObject({ code: 0, err: '' })
  return data
}
const rootOf = () => fromPem(readFileSync(join(national, 'root.crt'), 'utf8'))
const policy = (data: string, given = openKeyring(data)) => ({
  roots: given.trustRoots,
  role: 'issuer' as const,
  now: systemClock(),
  uri: url,
})

describe('a root', () => {
  it('is never written plain, nor over another', async () => {
    const argv = ['root', 'create', '--out', join(place, 'other'), '--name', 'x']
    const plain = await symbolon(argv)
    expect(plain).toMatchObject({ code: 1, out: '' })
    expect(plain.err).toContain('ROOT_PASSPHRASE is not set')
    const over = await symbolon(['root', 'create', '--out', national, '--name', 'x'], env)
    expect(over.code).toBe(1)
    expect(readFileSync(join(national, 'root.key'), 'utf8')).toMatch(/^sealed:/)
  })

  it('does not open with another passphrase', async () => {
    const data = join(folder(), 'data')
    const argv = ['found', '--data', data, '--node', 'nx', '--name', 'x', '--root', national]
    const ran = await symbolon(argv, { ROOT_PASSPHRASE: 'wrong' })
    expect(ran).toMatchObject({ code: 1, out: '' })
    expect(ran.err).toContain('passphrase does not open')
  })
})

describe('a node', () => {
  it('founded with a root has keys for every role that lead to it', async () => {
    const data = await found('--root', national)
    const keyring = openKeyring(data)
    expect(keyring.trustRoots).toEqual(rootOf())
    for (const role of roles) {
      const { x5c, jwk } = keyring.roles.current(role)
      expect(checkCertificatePath(x5c, { ...policy(data), role }).jwk).toEqual(jwk)
    }
  })

  it('founded without one is its own root', async () => {
    const data = await found()
    const { roles: keys, trustRoots } = openKeyring(data)
    const { x5c } = keys.current('issuer')
    expect(trustRoots).toHaveLength(1)
    expect(checkCertificatePath(x5c, policy(data)).jwk).toEqual(keys.current('issuer').jwk)
    expect(() => checkCertificatePath(x5c, { ...policy(data), roots: rootOf() })).toThrow(
      'certificates do not lead to a pinned root',
    )
  })

  it('asks for certificates, is certified offline, and installs them', async () => {
    const data = await found()
    const before = openKeyring(data).roles.current('issuer').kid
    const [request, certified] = [join(data, 'asked.csr'), join(data, 'given.crt')]
    const asking = ['certificate', 'request', '--data', data, '--url', url, '--out', request]
    expect(await symbolon([...asking, '--roles', 'issuer,status'])).toMatchObject({ code: 0 })
    expect(openKeyring(data).roles.current('issuer').kid).toBe(before)
    const certify = ['root', 'certify', '--root', national, '--request', request, '--url', url]
    const ran = await symbolon(
      [...certify, '--roles', 'issuer,status', '--days', '90', '--out', certified, '--json'],
      env,
    )
    expect(answerOf(ran)).toEqual({
      certified: [
        { url, roles: ['issuer'] },
        { url, roles: ['status'] },
      ],
    })
    const installing = ['certificate', 'install', '--data', data, '--file', certified]
    const unpinned = await symbolon(installing)
    expect(unpinned).toMatchObject({ code: 1, out: '' })
    expect(unpinned.err).toContain('do not lead to a pinned root')
    const done = await symbolon([...installing, '--root', join(national, 'root.crt'), '--json'])
    expect(answerOf(done)).toEqual({ installed: ['issuer', 'status'] })
    const after = openKeyring(data)
    const { kid, x5c } = after.roles.current('issuer')
    expect(kid).not.toBe(before)
    expect(after.roles.all('issuer').map((key) => key.kid)).toEqual([kid, before])
    expect(checkCertificatePath(x5c, { ...policy(data), roots: rootOf() }).jwk).toBeDefined()
    expect((await symbolon(installing)).err).toContain('no key waits')
    // its own root, which is still there, is not what the others trust it by
    const rotate = ['keys', 'rotate', '--data', data, '--role', 'issuer', '--json']
    expect((await symbolon(rotate)).err).toContain('another’s root certified the key')
    expect(await symbolon([...rotate, '--root', national], env)).toMatchObject({ code: 0 })
    const { x5c: newest } = openKeyring(data).roles.current('issuer')
    expect(checkCertificatePath(newest, { ...policy(data), roots: rootOf() }).jwk).toBeDefined()
  })
})

describe('the keeper of a root', () => {
  let request: string
  beforeAll(async () => {
    const data = await found()
    request = join(data, 'asked.csr')
    const asking = ['certificate', 'request', '--data', data, '--url', url, '--out', request]
    await symbolon([...asking, '--roles', 'issuer'])
  })
  const certify = (file: string, ...more: string[]) =>
    symbolon(
      ['root', 'certify', '--root', national, '--request', file, '--out', `${file}.crt`, ...more],
      env,
    )

  it('adds no role that was not asked for', async () => {
    const ran = await certify(request, '--roles', 'issuer,log')
    expect(ran).toMatchObject({ code: 1, out: '', err: 'nobody asks for the role log\n' })
  })

  it('grants no role that is not named', async () => {
    const ran = await certify(request, '--roles', 'status')
    expect(ran).toMatchObject({ code: 1, out: '' })
  })

  it('grants no other address', async () => {
    const ran = await certify(request, '--roles', 'issuer', '--url', 'https://gs.example')
    expect(ran.err).toBe(`the request asks for the address ${url}\n`)
  })

  it('takes no request that was changed', async () => {
    const text = readFileSync(request, 'utf8')
    const der = Buffer.from(text.replaceAll(/-----[^-]+-----/g, ''), 'base64')
    const at = der.indexOf('union.example')
    der.write('onion', at)
    const pem = der.toString('base64')
    const changed = `${request}.changed`
    const name = 'CERTIFICATE REQUEST'
    writeFileSync(changed, `-----BEGIN ${name}-----\n${pem}\n-----END ${name}-----\n`)
    const ran = await certify(changed, '--roles', 'issuer')
    expect(ran).toMatchObject({ code: 1, out: '' })
  })
})

describe('a node founded with a passphrase', () => {
  it('is opened by every command that has it, and by none that has not', async () => {
    const data = join(folder(), 'data')
    const sealed = { KEYS_PASSPHRASE: '芝麻开门' }
    const founding = ['found', '--data', data, '--node', 'nx', '--name', 'x']
    expect(await symbolon(founding, sealed)).toMatchObject({ code: 0, err: '' })
    const show = ['trust', 'publish', '--data', data]
    expect((await symbolon(show)).err).toContain('sealed, and no passphrase is set')
    expect((await symbolon(show, { KEYS_PASSPHRASE: 'x' })).err).toContain('does not open the keys')
    expect(await symbolon(show, sealed)).toMatchObject({ code: 0, err: '' })
  })
})

describe('rotation', () => {
  it('makes a new key that signs, and keeps the old one to verify by', async () => {
    const data = await found()
    const { roles: before } = openKeyring(data)
    const ran = await symbolon(['keys', 'rotate', '--data', data, '--role', 'issuer', '--json'])
    const { roles: after } = openKeyring(data)
    expect(answerOf(ran)).toEqual({ role: 'issuer', kid: after.current('issuer').kid })
    expect(after.all('issuer').map(({ kid }) => kid)).toEqual([
      after.current('issuer').kid,
      before.current('issuer').kid,
    ])
    expect(after.current('status').kid).toBe(before.current('status').kid)
    for (const { x5c } of after.all('issuer')) checkCertificatePath(x5c, policy(data))
  })

  it('of a sealed folder needs its passphrase', async () => {
    const data = await found()
    const sealing = { KEYS_COMMAND: 'echo 芝麻开门' }
    expect((await symbolon(['keys', 'seal', '--data', data])).code).toBe(1)
    expect(await symbolon(['keys', 'seal', '--data', data], sealing)).toMatchObject({ code: 0 })
    const rotate = ['keys', 'rotate', '--data', data, '--role', 'log']
    expect((await symbolon(rotate)).err).toContain('no passphrase is set')
    expect((await symbolon(rotate, { KEYS_PASSPHRASE: 'x' })).err).toContain('does not open')
    expect(await symbolon(rotate, sealing)).toMatchObject({ code: 0 })
    const shown = answerOf(await symbolon(['keys', 'show', '--data', data, '--json'], sealing))
    expect(shown).toMatchObject({ sealed: true, keys: expect.any(Array) })
  })
})
