import { parseArgs } from 'node:util'

import { systemClock } from '../base/clock.ts'
import { Refusal } from '../base/refusal.ts'
import { openDeployment } from '../compose.ts'
import { readConfig } from '../config.ts'
import { memberByNo } from '../identity/devices.ts'
import { erasureReasons } from '../identity/erase-person.ts'
import { forgetTraces } from '../jobs/erasure.ts'
import { eraseMember } from '../vouchers/erase-member.ts'
import type { Environment, Io } from './io.ts'

/** What `--help` prints. */
export const usage = [
  'usage: symbolon member erase MEMBER_NO --data DIR --reason REASON [--json]',
  `       reasons: ${erasureReasons.join(', ')}`,
  '',
].join('\n')

/**
 * `symbolon member erase`: forgets the person behind a member, for ever; see
 * `docs/decisions/0008-erasure.md`. Refusals: NOT_FOUND, VERSION_CONFLICT.
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
      reason: { type: 'string' },
      json: { type: 'boolean', default: false },
    },
    allowPositionals: true,
  })
  const [verb, memberNo, ...more] = positionals
  const reason = erasureReasons.find((each) => each === values.reason)
  if (verb !== 'erase' || !memberNo || more.length > 0 || !values.data || !reason) {
    io.stderr.write(usage)
    return 2
  }
  const { store, node, close } = await openDeployment({
    data: values.data,
    config: readConfig(env),
  })
  try {
    const member = await memberByNo(store.read, memberNo)
    if (!member) throw new Refusal('NOT_FOUND', { what: 'member' })
    const erasing = { memberId: member.id, reason, actor: 'cli', now: systemClock() }
    const done = await store.transaction((tx) => eraseMember(tx, node, erasing))
    const { memberIds, memberNos } = done.subject
    await forgetTraces({ store, node }, [...memberIds, ...memberNos])
    const { voided, devices } = done
    const told = { member_id: member.id, vouchers_voided: voided, devices_revoked: devices }
    io.stdout.write(
      values.json
        ? `${JSON.stringify(told)}\n`
        : `erased: ${voided} vouchers voided, ${devices} devices revoked\n`,
    )
    return 0
  } finally {
    await close()
  }
}
