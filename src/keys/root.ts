import { createPrivateKey, X509Certificate } from 'node:crypto'

import { fromBase64, toBase64 } from '../base/bytes.ts'
import { type Authority, pkcs8Of } from './certificates.ts'
import { createKeyFolder, type KeyFolder, openKeyFolder } from './key-folder.ts'
import { ownRootFile, pinnedRoots } from './keyring.ts'
import { fromPem, toPem } from './role-keys.ts'

const keyFile = 'root.key'
const certificateFile = 'root.crt'

/** Writes a new root into a folder of its own, its key sealed. What is there is an Error. */
export function writeRoot(path: string, root: Authority, passphrase: string): void {
  const folder = createKeyFolder(path, passphrase)
  try {
    folder.writeSecret(keyFile, toBase64(pkcs8Of(root.key)))
    folder.writePublic(certificateFile, toPem(root.certificate))
  } catch (error) {
    folder.discard()
    throw error
  }
}

/** Opens a root's folder. An Error without its passphrase. */
export function openRoot(path: string, passphrase: string | undefined): Authority {
  const folder = openKeyFolder(path, passphrase)
  return authorityOf(folder.readSecret(keyFile), ...fromPem(folder.readPublic(certificateFile)))
}

/** The root that a node has in its own folder; `undefined` when another's certified it. */
export function ownRoot(folder: KeyFolder): Authority | undefined {
  if (!folder.list().includes(ownRootFile)) return undefined
  return authorityOf(folder.readSecret(ownRootFile), ...pinnedRoots(folder))
}

/** The key, and the one of `certificates` that is its own. */
function authorityOf(text: string, ...certificates: readonly Uint8Array[]): Authority {
  const der = fromBase64(text)
  if (!der) throw new Error('the folder does not hold a root')
  const key = createPrivateKey({ key: Buffer.from(der), format: 'der', type: 'pkcs8' })
  const own = certificates.find((each) => new X509Certificate(each).checkPrivateKey(key))
  if (!own) throw new Error('the certificate of the root is not of its key')
  return { certificate: own, key }
}
