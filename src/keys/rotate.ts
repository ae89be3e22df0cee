import { createPublicKey, type KeyObject, X509Certificate } from 'node:crypto'

import { equal } from '../base/bytes.ts'
import type { Instant } from '../base/clock.ts'
import { requestPem } from './certificate-request.ts'
import { type Authority, makeRoleKey, newKey, pkcs8Of, requestCertificate } from './certificates.ts'
import type { KeyFolder } from './key-folder.ts'
import { type Role, readPrivateKey, roleKeyFiles, writeRoleKey } from './role-keys.ts'

/**
 * Makes a new key for a role, certified by `authority` at once. The older ones stay where they are:
 * what they signed still verifies, and only the newest signs. Answers the key's name.
 */
export async function rotateRoleKey(
  folder: KeyFolder,
  authority: Authority,
  given: {
    readonly role: Role
    readonly name: string
    readonly url: string
    readonly now: Instant
  },
): Promise<string> {
  return writeRoleKey(folder, await makeRoleKey(authority, given))
}

/**
 * Asks for certificates: a request for each role (PEM, PKCS #10), with a new key, or the one that
 * waits for its certificate already. Nothing signs with a key before it has one.
 */
export async function requestCertificates(
  folder: KeyFolder,
  given: { readonly roles: readonly Role[]; readonly name: string; readonly url: string },
): Promise<string> {
  const requests: string[] = []
  for (const role of given.roles) {
    const subject = { name: `${given.name} ${role}`, url: given.url, roles: [role] }
    requests.push(requestPem(await requestCertificate(waitingKey(folder, role), subject)))
  }
  return `${requests.join('\n')}\n`
}

/** A certificate for a key of the folder that waits for one; `undefined` when no key is its. */
export function waitingFor(
  folder: KeyFolder,
  certificate: Uint8Array,
): { readonly role: Role; readonly name: string } | undefined {
  const wanted = spkiOf(new X509Certificate(certificate).publicKey)
  const waiting = roleKeyFiles(folder).filter(({ certified }) => !certified)
  return waiting.find(({ name }) => {
    return equal(spkiOf(createPublicKey(readPrivateKey(folder, name))), wanted)
  })
}

function waitingKey(folder: KeyFolder, role: Role): KeyObject {
  const [newest] = roleKeyFiles(folder).filter((key) => key.role === role)
  if (newest && !newest.certified) return readPrivateKey(folder, newest.name)
  const key = newKey()
  writeRoleKey(folder, { role, pkcs8: pkcs8Of(key), certificates: [] })
  return key
}

function spkiOf(key: KeyObject): Uint8Array {
  return new Uint8Array(key.export({ type: 'spki', format: 'der' }))
}
