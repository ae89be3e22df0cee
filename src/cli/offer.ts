import { parseArgs } from 'node:util'

import { systemClock } from '../base/clock.ts'
import { Refusal } from '../base/refusal.ts'
import { openDeployment } from '../compose.ts'
import { readConfig } from '../config.ts'
import { createOffer, offerLink } from '../credentials/issuance/offers.ts'
import { memberByNo } from '../identity/devices.ts'
import { drawLink } from './draw-link.ts'
import type { Environment, Io } from './io.ts'

/** What `--help` prints. */
export const usage = 'usage: symbolon offer MEMBER_NO --data DIR [--wait] [--json]\n'

/**
 * `symbolon offer MEMBER_NO`: offers a member the membership credential and prints the link (on a
 * terminal as a QR code, too) and the transaction code, which goes another way. PUBLIC_URL is the
 * address of the served node; without it, http://localhost at PORT. Refusals: NOT_FOUND,
 * VERSION_CONFLICT.
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
      wait: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
    },
    allowPositionals: true,
  })
  const [memberNo, ...more] = positionals
  if (!memberNo || more.length > 0 || !values.data) {
    io.stderr.write(usage)
    return 2
  }
  const config = readConfig(env)
  const { store, node, close } = await openDeployment({ data: values.data, config })
  try {
    const publicUrl = config.publicUrl ?? `http://localhost:${config.port}`
    const now = systemClock()
    const made = await store.transaction(async (tx) => {
      const member = await memberByNo(tx, memberNo)
      if (!member) throw new Refusal('NOT_FOUND', { what: 'member' })
      const waits = values.wait
      return createOffer(tx, node, { memberId: member.id, waits, createdBy: 'cli', now })
    })
    const told = {
      offer_id: made.id,
      credential_offer: offerLink(publicUrl, made.id),
      tx_code: made.txCode ?? '',
      expires_at: made.expiresAt,
    }
    if (values.json) io.stdout.write(`${JSON.stringify(told)}\n`)
    else {
      drawLink(io, told.credential_offer)
      for (const [word, value] of Object.entries(told)) {
        io.stdout.write(`${word.padEnd(17)}${value}\n`)
      }
    }
    return 0
  } finally {
    await close()
  }
}
