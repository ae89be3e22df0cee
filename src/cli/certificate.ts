import { readFileSync, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'

import { toBase64 } from '../base/bytes.ts'
import { systemClock } from '../base/clock.ts'
import { readConfig } from '../config.ts'
import type { KeyFolder } from '../keys/key-folder.ts'
import { keyFolderOf, pinnedRoots, pinRoot } from '../keys/keyring.ts'
import { passphraseOf } from '../keys/passphrase.ts'
import { fromPem, roles, writeCertificates } from '../keys/role-keys.ts'
import { requestCertificates, waitingFor } from '../keys/rotate.ts'
import { checkCertificatePath } from '../trust/certificate-path.ts'
import type { Environment, Io } from './io.ts'
import { rolesOf } from './root.ts'

/** What `--help` prints. */
export const usage = `usage:
  symbolon certificate request --data DIR --url URL [--roles a,b] --out FILE [--json]
  symbolon certificate install --data DIR --file FILE [--root FILE] [--json]

--root pins the root that certified; look at its fingerprint first. Restart the server afterwards.
`

/** `symbolon certificate …`: how a node asks for certificates and takes them in. */
export async function run(
  argv: readonly string[],
  io: Io,
  env: Environment = process.env,
): Promise<number> {
  const [command, ...rest] = argv
  if (command === 'request') return request(rest, io, env)
  if (command === 'install') return install(rest, io, env)
  io.stderr.write(usage)
  return 2
}

async function request(argv: readonly string[], io: Io, env: Environment): Promise<number> {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      data: { type: 'string' },
      url: { type: 'string' },
      roles: { type: 'string', default: roles.join() },
      out: { type: 'string' },
      json: { type: 'boolean', default: false },
    },
  })
  const { data, out } = values
  const url = values.url?.replace(/\/+$/, '')
  const asked = rolesOf(values.roles)
  if (!data || !out || !asked || !url || !/^https?:$/.test(URL.parse(url)?.protocol ?? '')) {
    io.stderr.write(usage)
    return 2
  }
  const folder = keyFolderOf(data, passphraseOf(readConfig(env)))
  const name = new URL(url).host
  writeFileSync(out, await requestCertificates(folder, { roles: asked, name, url }), { flag: 'wx' })
  const told = values.json ? JSON.stringify({ url, roles: asked }) : `the request is in ${out}`
  io.stdout.write(`${told}\n`)
  return 0
}

async function install(argv: readonly string[], io: Io, env: Environment): Promise<number> {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      data: { type: 'string' },
      file: { type: 'string' },
      root: { type: 'string' },
      json: { type: 'boolean', default: false },
    },
  })
  const { data, file, root } = values
  if (!data || !file) {
    io.stderr.write(usage)
    return 2
  }
  const folder = keyFolderOf(data, passphraseOf(readConfig(env)))
  const given = root ? fromPem(readFileSync(root, 'utf8')) : []
  const fitting = checked(folder, fromPem(readFileSync(file, 'utf8')), given)
  for (const each of given) pinRoot(folder, each)
  for (const { name, certificate } of fitting) writeCertificates(folder, name, [certificate])
  const installed = fitting.map(({ role }) => role)
  const told = values.json ? JSON.stringify({ installed }) : `installed for ${installed.join()}`
  io.stdout.write(`${told}\n`)
  return 0
}

/** Every certificate must be good, and of a key that waits for it: all or none are taken. */
function checked(
  folder: KeyFolder,
  certificates: readonly Uint8Array[],
  given: readonly Uint8Array[],
) {
  const trusted = [...pinnedRoots(folder), ...given]
  return certificates.map((certificate) => {
    const waiting = waitingFor(folder, certificate)
    if (!waiting) throw new Error('no key waits for one of the certificates')
    const policy = { roots: trusted, role: waiting.role, now: systemClock() }
    checkCertificatePath([toBase64(certificate)], policy)
    return { ...waiting, certificate }
  })
}
