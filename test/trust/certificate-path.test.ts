import { createPrivateKey, createPublicKey } from 'node:crypto'

import { beforeAll, describe, expect, it } from 'vitest'

import { toBase64, toBase64url } from '../../src/base/bytes.ts'
import { day } from '../../src/base/clock.ts'
import { type Authority, makeRoleKey, makeRoot } from '../../src/keys/certificates.ts'
import { jwkOf } from '../../src/keys/es256.ts'
import { checkCertificatePath, type PathPolicy } from '../../src/trust/certificate-path.ts'
import { TrustError } from '../../src/trust/error.ts'
import { issue, now, unknownCritical, url, usage, type Wishes, x5cOf } from './certificates.ts'

let root: Authority
beforeAll(async () => {
  root = await issue(undefined, { ca: true })
})

/** The code that the path was refused with; 'accepted' if it was not. */
function codeOf(x5c: readonly string[], how: Partial<PathPolicy> = {}): string {
  try {
    const roots = [root.certificate]
    checkCertificatePath(x5c, { roots, role: 'issuer', now, uri: url, ...how })
    return 'accepted'
  } catch (error) {
    if (error instanceof TrustError) return error.code
    throw error
  }
}
const leaf = async (wishes: Wishes = {}) => x5cOf(await issue(root, wishes))

describe('a certificate path', () => {
  it('that a root made by the command line has certified is accepted, with the leaf’s key', async () => {
    const made = await makeRoot('national', now)
    const key = await makeRoleKey(made, { name: 'nx', url, now, role: 'status' })
    const roots = [root.certificate, made.certificate]
    const x5c = key.certificates.map(toBase64)
    const { jwk, leaf } = checkCertificatePath(x5c, { roots, role: 'status', now, uri: url })
    const pkcs8 = Buffer.from(key.pkcs8)
    const spki = createPublicKey(createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' }))
    expect(jwk).toEqual(jwkOf(spki.export({ type: 'spki', format: 'der' })))
    expect([leaf]).toEqual(key.certificates)
  })

  it('through an authority in between is accepted', async () => {
    const between = await issue(root, { ca: true, pathLength: 0 })
    expect(codeOf(x5cOf(await issue(between), between))).toBe('accepted')
  })

  it('to a root that is not pinned is refused', async () => {
    const other = await issue(undefined, { ca: true })
    expect(codeOf(x5cOf(await issue(other)))).toBe('ROOT_UNTRUSTED')
    expect(codeOf(await leaf(), { roots: [] })).toBe('ROOT_UNTRUSTED')
  })

  it('that signs itself is refused', async () => {
    expect(codeOf(x5cOf(await issue(undefined)))).toBe('ROOT_UNTRUSTED')
  })

  it('for another role is refused', async () => {
    expect(codeOf(await leaf({ roles: ['status', 'verifier'] }))).toBe('ROLE_REFUSED')
    expect(codeOf(await leaf({ roles: ['status', 'issuer'] }))).toBe('accepted')
  })

  it('whose leaf is of another address is refused', async () => {
    const at = (value: string) => leaf({ names: [{ type: 'url', value }] })
    expect(codeOf(await at('https://union.example/nodes/gs'))).toBe('SAN_MISMATCH')
    expect(codeOf(await at('https://union.example'))).toBe('SAN_MISMATCH')
    expect(codeOf(await at(`${url}/`))).toBe('SAN_MISMATCH')
  })

  it('of a host speaks for that host alone, and for no node at a path of it', async () => {
    const x5c = await leaf({ names: [{ type: 'dns', value: 'union.example' }] })
    expect(codeOf(x5c, { uri: 'https://union.example' })).toBe('accepted')
    for (const uri of [
      url,
      'https://x.union.example',
      'http://union.example',
      'https://union.example:8',
    ]) {
      expect(codeOf(x5c, { uri }), uri).toBe('SAN_MISMATCH')
    }
  })

  it('that has expired is refused, to the second', async () => {
    const x5c = await leaf({ until: now })
    expect(codeOf(x5c)).toBe('accepted')
    expect(codeOf(x5c, { now: now + 1000 })).toBe('CERTIFICATE_EXPIRED')
  })

  it('that is not valid yet is refused', async () => {
    expect(codeOf(await leaf({ from: now }))).toBe('accepted')
    expect(codeOf(await leaf({ from: now + 1000 }))).toBe('CERTIFICATE_NOT_YET_VALID')
  })

  it('to a root that has expired is refused', async () => {
    const old = await issue(undefined, { ca: true, until: now - day / 2 })
    const x5c = x5cOf(await issue(old))
    expect(codeOf(x5c, { roots: [old.certificate] })).toBe('CERTIFICATE_EXPIRED')
  })
})

describe('the chain of a path', () => {
  it('does not go through what is no authority', async () => {
    const node = await issue(root, { usage: usage.keyCertSign })
    expect(codeOf(x5cOf(await issue(node), node))).toBe('CHAIN_INVALID')
  })

  it('does not go through an authority that may not sign certificates', async () => {
    const between = await issue(root, { ca: true, usage: usage.digitalSignature })
    expect(codeOf(x5cOf(await issue(between), between))).toBe('CHAIN_INVALID')
  })

  it('is no longer than its authorities allow', async () => {
    const first = await issue(root, { ca: true, pathLength: 0 })
    const second = await issue(first, { ca: true })
    expect(codeOf(x5cOf(await issue(second), second, first))).toBe('CHAIN_INVALID')
    const narrow = await makeRoot('narrow', now)
    const between = await issue(narrow, { ca: true })
    const x5c = x5cOf(await issue(between), between)
    expect(codeOf(x5c, { roots: [narrow.certificate] })).toBe('CHAIN_INVALID')
  })

  it('is in order, without a stranger in it', async () => {
    const between = await issue(root, { ca: true })
    const node = await issue(between)
    const stranger = await issue(root, { ca: true })
    expect(codeOf(x5cOf(node, stranger))).toBe('CHAIN_INVALID')
    expect(codeOf(x5cOf(between, node))).toBe('ROOT_UNTRUSTED')
  })

  it('is P-256 with SHA-256 throughout', async () => {
    expect(codeOf(await leaf({ curve: 'P-384' }))).toBe('CHAIN_INVALID')
    expect(codeOf(await leaf({ hash: 'SHA-384' }))).toBe('CHAIN_INVALID')
    const between = await issue(root, { ca: true, curve: 'P-384' })
    expect(codeOf(x5cOf(await issue(between), between))).toBe('CHAIN_INVALID')
  })

  it('ends in a leaf that may sign and is no authority', async () => {
    expect(codeOf(await leaf({ usage: usage.keyAgreement }))).toBe('CHAIN_INVALID')
    expect(codeOf(await leaf({ ca: true }))).toBe('CHAIN_INVALID')
  })

  it('has no critical extension that we do not know', async () => {
    expect(codeOf(await leaf({ more: [unknownCritical] }))).toBe('CHAIN_INVALID')
  })
})

describe('x5c', () => {
  it('is refused when it is empty, or has more than four', async () => {
    expect(codeOf([])).toBe('X5C_MALFORMED')
    const many = await Promise.all(Array.from({ length: 5 }, () => issue(root)))
    expect(codeOf(x5cOf(...many))).toBe('X5C_MALFORMED')
  })

  it('is refused in base64url, with white space, with octets behind a certificate', async () => {
    const { certificate } = await issue(root)
    const padded = Buffer.concat([certificate, Buffer.from([0])])
    for (const bad of [
      toBase64url(Buffer.concat([certificate, Buffer.from([0xff, 0xfe, 0xfd])])),
      `${toBase64(certificate)}\n`,
      toBase64(padded),
      toBase64(certificate.subarray(0, 100)),
      'AAAA',
      '',
    ]) {
      expect(codeOf([bad])).toBe('X5C_MALFORMED')
    }
  })

  it('is refused with a certificate twice, and with the root in it', async () => {
    const [one = ''] = await leaf()
    expect(codeOf([one, one])).toBe('X5C_MALFORMED')
    expect(codeOf([one, toBase64(root.certificate)])).toBe('X5C_MALFORMED')
  })

  it('is refused, not stumbled over, whichever octet of it is changed', async () => {
    const { certificate } = await issue(root)
    const roots = [root.certificate]
    const accepted = []
    for (let at = 0; at < certificate.length; at += 3) {
      const changed = Uint8Array.from(certificate)
      changed[at] = (changed[at] ?? 0) ^ (1 << (at % 8))
      if (codeOf([toBase64(changed)], { roots }) === 'accepted') accepted.push(at)
    }
    expect(accepted).toEqual([])
  })
})
