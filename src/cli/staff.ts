import { parseArgs } from 'node:util'

import { systemClock } from '../base/clock.ts'
import { openDeployment } from '../compose.ts'
import { readConfig } from '../config.ts'
import { invitationPath, invite } from '../identity/invitations.ts'
import { roleNames } from '../identity/roles.ts'
import { describePrincipal, inviteStaff } from '../identity/staff.ts'
import type { Environment, Io } from './io.ts'

/** What `--help` prints. */
export const usage = [
  'usage: symbolon staff invite --data DIR --org CODE --role ROLE --name NAME [--json]',
  '       symbolon staff invite --data DIR --staff STAFF_ID [--json]',
  `       roles: ${roleNames.join(', ')}`,
  '',
].join('\n')

/**
 * `symbolon staff invite`: registers somebody with a role on a subtree and prints the address at
 * which they make a passkey; with --staff, another one for somebody who has lost theirs. The word
 * of whoever runs the machine: nobody counts as registered by another.
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
      org: { type: 'string' },
      role: { type: 'string' },
      name: { type: 'string' },
      staff: { type: 'string' },
      json: { type: 'boolean', default: false },
    },
    allowPositionals: true,
  })
  const { data, org: orgCode, name, staff } = values
  const role = roleNames.find((one) => one === values.role)
  const added = role && orgCode && name ? { name, grants: [{ role, orgCode }] } : undefined
  if (positionals[0] !== 'invite' || !data || (staff === undefined) === (added === undefined)) {
    io.stderr.write(usage)
    return 2
  }
  const config = readConfig(env)
  const { store, node, close } = await openDeployment({ data, config })
  try {
    const now = systemClock()
    const made = await store.transaction(async (tx) => {
      if (added) return inviteStaff(tx, node, { ...added, now })
      const principalId = staff ?? ''
      await describePrincipal(tx, principalId)
      return { principalId, ...(await invite(tx, node, { principalId, now })) }
    })
    const url = config.publicUrl ?? `http://localhost:${config.port}`
    const address = `${url}${invitationPath(made.token, added && role)}`
    const told = { staff_id: made.principalId, address, expires_at: made.expiresAt }
    if (values.json) io.stdout.write(`${JSON.stringify(told)}\n`)
    else io.stdout.write(`staff_id ${told.staff_id}\naddress ${address}\n`)
    return 0
  } finally {
    await close()
  }
}
