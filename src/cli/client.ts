import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'

import { systemClock } from '../base/clock.ts'
import { openDeployment } from '../compose.ts'
import { readConfig } from '../config.ts'
import { createClient, createStaff } from '../identity/principals.ts'
import { type Role, roleNames } from '../identity/roles.ts'
import type { PublicJwk } from '../keys/es256.ts'
import type { Environment, Io } from './io.ts'

/** What `--help` prints. */
export const usage = [
  'usage: symbolon client create --data DIR --name NAME (--owner STAFF_ID | --owner-name NAME)',
  '         --role ROLE@ORG_CODE ... [--jwk FILE] [--json]',
  `       roles: ${roleNames.join(', ')}`,
  '',
].join('\n')

/**
 * `symbolon client create`: registers a program, and with --owner-name the staff member it acts
 * for. With --jwk (a P-256 public key) it proves itself by private_key_jwt; without, a secret is
 * told once.
 */
export async function run(
  argv: readonly string[],
  io: Io,
  env: Environment = process.env,
): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...argv],
    options: {
      data: { type: 'string' },
      name: { type: 'string' },
      owner: { type: 'string' },
      'owner-name': { type: 'string' },
      role: { type: 'string', multiple: true, default: [] },
      jwk: { type: 'string' },
      json: { type: 'boolean', default: false },
    },
    allowPositionals: true,
  })
  const grants = values.role.map(readGrant).filter((grant) => grant !== undefined)
  const { data, name, owner, jwk, 'owner-name': ownerName } = values
  const owned = owner !== undefined || ownerName !== undefined
  const complete = grants.length > 0 && grants.length === values.role.length
  if (positionals[0] !== 'create' || !data || !name || !owned || !complete) {
    io.stderr.write(usage)
    return 2
  }
  const key = jwk ? (JSON.parse(readFileSync(jwk, 'utf8')) as PublicJwk) : undefined
  const { store, node, close } = await openDeployment({ data, config: readConfig(env) })
  try {
    const now = systemClock()
    const made = await store.transaction(async (tx) => {
      const ownerId =
        owner ?? (await createStaff(tx, { name: ownerName ?? '', grants: [], now })).id
      const client = { ownerId, name, grants, now }
      const created = await createClient(tx, node, key ? { ...client, jwk: key } : client)
      return { owner_id: ownerId, client_id: created.id, client_secret: created.secret }
    })
    if (values.json) io.stdout.write(`${JSON.stringify(made)}\n`)
    else
      for (const [word, text] of Object.entries(made))
        if (text) io.stdout.write(`${word} ${text}\n`)
    return 0
  } finally {
    await close()
  }
}

function readGrant(text: string): { role: Role; orgCode: string } | undefined {
  const [role, orgCode] = text.split('@')
  const known = roleNames.find((name) => name === role)
  return known && orgCode ? { role: known, orgCode } : undefined
}
