import { X509Certificate } from 'node:crypto'
import { join } from 'node:path'
import { parseArgs } from 'node:util'

import { fromBase64 } from '../base/bytes.ts'
import { systemClock } from '../base/clock.ts'
import { readConfig } from '../config.ts'
import { type KeyFolder, sealKeyFolder } from '../keys/key-folder.ts'
import { isSecretFile, keyFolderOf, pinRoot } from '../keys/keyring.ts'
import { passphraseOf } from '../keys/passphrase.ts'
import { type Role, readRoleKeys, roles } from '../keys/role-keys.ts'
import { openRoot, ownRoot } from '../keys/root.ts'
import { rotateRoleKey } from '../keys/rotate.ts'
import { readCertificateFacts } from '../trust/certificate-facts.ts'
import type { Environment, Io } from './io.ts'
import { rolesOf } from './root.ts'

/** What `--help` prints. */
export const usage = `usage:
  symbolon keys show --data DIR [--json]
  symbolon keys rotate --data DIR --role ROLE [--root DIR] [--json]
  symbolon keys seal --data DIR [--json]

rotate certifies with the node's own root or with --root; a node that has neither asks by
symbolon certificate request. seal encrypts plain key files under KEYS_PASSPHRASE or KEYS_COMMAND.
Restart the server afterwards: it reads its keys at start.
`

/** `symbolon keys …`: what is in the key folder of a node. */
export async function run(
  argv: readonly string[],
  io: Io,
  env: Environment = process.env,
): Promise<number> {
  const [command, ...rest] = argv
  const { values } = parseArgs({
    args: rest,
    options: {
      data: { type: 'string' },
      role: { type: 'string' },
      root: { type: 'string' },
      json: { type: 'boolean', default: false },
    },
  })
  const { data, json } = values
  const tell = (told: object, words: string) =>
    io.stdout.write(`${json ? JSON.stringify(told) : words}\n`)
  const passphrase = passphraseOf(readConfig(env))
  const [role] = rolesOf(values.role) ?? []
  if (data && command === 'show') {
    show(keyFolderOf(data, passphrase), tell)
  } else if (data && command === 'rotate' && role) {
    const root = values.root ? openRoot(values.root, env.ROOT_PASSPHRASE) : undefined
    const kid = await rotate(keyFolderOf(data, passphrase), role, root)
    tell({ role, kid }, `new key ${kid} for ${role}; the older ones still verify`)
  } else if (data && command === 'seal') {
    if (passphrase === undefined) throw new Error('neither KEYS_PASSPHRASE nor KEYS_COMMAND is set')
    const sealed = sealKeyFolder(join(data, 'keys'), passphrase, isSecretFile)
    tell({ sealed }, `sealed ${sealed} keys`)
  } else {
    io.stderr.write(usage)
    return 2
  }
  return 0
}

function show(folder: KeyFolder, tell: (told: object, words: string) => void): void {
  const keys = readRoleKeys(folder)
  const all = roles.flatMap((role) =>
    keys.all(role).map(({ kid, notAfter }) => ({ role, kid, notAfter })),
  )
  const words = all.map(({ role, kid, notAfter }) => {
    return `${role.padEnd(10)}${kid} until ${new Date(notAfter).toISOString()}`
  })
  const { sealed } = folder
  tell({ sealed, keys: all }, [...words, sealed ? 'sealed' : 'plain files'].join('\n'))
}

/** The new key gets the names of the one that it follows. Answers its thumbprint. */
async function rotate(
  folder: KeyFolder,
  role: Role,
  given: ReturnType<typeof openRoot> | undefined,
): Promise<string> {
  const [leaf = ''] = readRoleKeys(folder).current(role).x5c
  const der = fromBase64(leaf) ?? new Uint8Array(0)
  const own = ownRoot(folder)
  const isOwn = own && new X509Certificate(der).checkIssued(new X509Certificate(own.certificate))
  const authority = given ?? (isOwn ? own : undefined)
  if (!authority) throw new Error('another’s root certified the key: symbolon certificate request')
  const [url] = readCertificateFacts(der).uris
  if (!url) throw new Error('the certificate names no address')
  const [, name = ''] = /^CN=(.*) \S+$/m.exec(new X509Certificate(der).subject) ?? []
  if (given) pinRoot(folder, given.certificate)
  await rotateRoleKey(folder, authority, { role, name, url, now: systemClock() })
  return readRoleKeys(folder).current(role).kid
}
