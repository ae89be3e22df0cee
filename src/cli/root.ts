import { readFileSync, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'

import { systemClock } from '../base/clock.ts'
import { certifyRequests } from '../keys/certificate-request.ts'
import { makeRoot } from '../keys/certificates.ts'
import { type Role, roles, toPem } from '../keys/role-keys.ts'
import { openRoot, writeRoot } from '../keys/root.ts'
import type { Environment, Io } from './io.ts'

/** What `--help` prints. */
export const usage = `usage:
  symbolon root create --out DIR --name NAME [--json]
  symbolon root certify --root DIR --request FILE --roles a,b [--url URL] [--days N]
                        --out FILE [--json]

ROOT_PASSPHRASE seals and opens the root's private key. Keep DIR offline.
`

/** `symbolon root …`: an offline root, and what it certifies. */
export async function run(
  argv: readonly string[],
  io: Io,
  env: Environment = process.env,
): Promise<number> {
  const [command, ...rest] = argv
  if (command === 'create') return create(rest, io, env)
  if (command === 'certify') return certify(rest, io, env)
  io.stderr.write(usage)
  return 2
}

async function create(argv: readonly string[], io: Io, env: Environment): Promise<number> {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      out: { type: 'string' },
      name: { type: 'string' },
      json: { type: 'boolean', default: false },
    },
  })
  const { out, name } = values
  if (!out || !name) {
    io.stderr.write(usage)
    return 2
  }
  const passphrase = env.ROOT_PASSPHRASE
  if (!passphrase) throw new Error('ROOT_PASSPHRASE is not set: a root is never written plain')
  writeRoot(out, await makeRoot(name, systemClock()), passphrase)
  const told = { root: `${out}/root.crt` }
  io.stdout.write(
    `${values.json ? JSON.stringify(told) : `made a root; what others pin is ${told.root}`}\n`,
  )
  return 0
}

async function certify(argv: readonly string[], io: Io, env: Environment): Promise<number> {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      root: { type: 'string' },
      request: { type: 'string' },
      roles: { type: 'string' },
      url: { type: 'string' },
      days: { type: 'string', default: '825' },
      out: { type: 'string' },
      json: { type: 'boolean', default: false },
    },
  })
  const { root, request, out, url } = values
  const asked = rolesOf(values.roles)
  const days = Number(values.days)
  if (!root || !request || !out || !asked || !Number.isInteger(days) || days < 1 || days > 3653) {
    io.stderr.write(usage)
    return 2
  }
  const authority = openRoot(root, env.ROOT_PASSPHRASE)
  const allowed = { roles: asked, url, days, now: systemClock() }
  const made = await certifyRequests(authority, readFileSync(request, 'utf8'), allowed)
  const pem = made.map(({ certificate }) => toPem(certificate)).join('\n')
  writeFileSync(out, `${pem}\n`, { flag: 'wx' })
  const certified = made.map(({ requested }) => ({ url: requested.url, roles: requested.roles }))
  if (values.json) io.stdout.write(`${JSON.stringify({ certified })}\n`)
  for (const each of values.json ? [] : certified) {
    io.stdout.write(`certified ${each.url} for ${each.roles.join()}\n`)
  }
  return 0
}

/** Roles of a list with commas; `undefined` when one of them is unknown, or none is there. */
export function rolesOf(text: string | undefined): readonly Role[] | undefined {
  const names = (text ?? '').split(',')
  const found = roles.filter((role) => names.includes(role))
  return found.length > 0 && found.length === names.length ? found : undefined
}
