import { parseArgs } from 'node:util'

import { systemClock } from '../base/clock.ts'
import { Refusal } from '../base/refusal.ts'
import { openDeployment } from '../compose.ts'
import { readConfig } from '../config.ts'
import { credentialAt, credentialsOf } from '../credentials/credentials.ts'
import { type Credential, changeStatus, statusReasons, statusWords } from '../credentials/revoke.ts'
import { memberByNo } from '../identity/devices.ts'
import type { Reader } from '../store/store.ts'
import type { Environment, Io } from './io.ts'

/** What `--help` prints. */
export const usage = [
  'usage: symbolon credential list MEMBER_NO --data DIR [--json]',
  '       symbolon credential revoke|suspend|resume ID|LIST:INDEX --reason REASON',
  '         --data DIR [--json]',
  `       reasons: ${statusReasons.join(', ')}`,
  '',
].join('\n')

const acts = ['revoke', 'suspend', 'resume'] as const

/**
 * `symbolon credential`: lists a member's copies; revokes (for good), suspends or resumes one, by
 * its id or by where its status stands. Refusals: NOT_FOUND, VERSION_CONFLICT.
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
  const [verb, name] = positionals
  const act = acts.find((each) => each === verb)
  const reason = statusReasons.find((each) => each === values.reason)
  if (!values.data || !name || (verb !== 'list' && (!act || !reason))) {
    io.stderr.write(usage)
    return 2
  }
  const { store, close } = await openDeployment({ data: values.data, config: readConfig(env) })
  try {
    const rows =
      act && reason
        ? [
            await store.transaction(async (tx) => {
              const change = { actor: 'cli', reason, now: systemClock() }
              return changeStatus(tx, await idOf(tx, name), act, change)
            }),
          ]
        : await listed(store.read, name)
    const told = rows.map(render)
    if (values.json) io.stdout.write(`${JSON.stringify(act ? told[0] : { items: told })}\n`)
    else for (const each of told) io.stdout.write(`${Object.values(each).join(' ')}\n`)
    return 0
  } finally {
    await close()
  }
}

async function listed(reader: Reader, memberNo: string): Promise<readonly Credential[]> {
  const member = await memberByNo(reader, memberNo)
  if (!member) throw new Refusal('NOT_FOUND', { what: 'member' })
  return credentialsOf(reader, member.id)
}

async function idOf(reader: Reader, name: string): Promise<string> {
  const [, list, index] = /^([0-9]{1,5}):([0-9]{1,6})$/.exec(name) ?? []
  if (list === undefined) return name
  const row = await credentialAt(reader, { list: Number(list), index: Number(index) })
  if (!row) throw new Refusal('NOT_FOUND', { what: 'credential' })
  return row.id
}

function render({ id, status, statusList, statusIndex, issuedAt, expiresAt }: Credential) {
  return {
    ...{ id, status: statusWords[status] ?? 'revoked', status_list: statusList },
    ...{ status_index: statusIndex, issued_at: issuedAt, expires_at: expiresAt },
  }
}
