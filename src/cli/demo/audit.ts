import { copyFile, mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import { run as runLedger } from '../ledger.ts'

/** What `ledger verify` said. */
export interface Audited {
  /** 0 good, 1 tampering, 2 could not look. */
  readonly exit: number
  readonly report: Record<string, unknown>
}

/** Runs `ledger verify` on a deployment's database under its own policy. */
export async function audit(data: string): Promise<Audited> {
  const policy = join(data, 'policy.txt')
  await writeFile(policy, (await ledger(['policy', '--data', data])).text)
  const { exit, text } = await ledger(['verify', '--policy', policy, '--data', data, '--json'])
  return { exit, report: JSON.parse(text.trim().split('\n').at(-1) ?? '{}') }
}

/**
 * Copies a stopped SQLite deployment and changes one digit of a redemption's amount in the database
 * file itself, as somebody with the disk in their hands would.
 */
export async function tamperedCopy(data: string, copy: string): Promise<void> {
  await mkdir(join(copy, 'keys'), { recursive: true })
  const database = await readFile(join(data, 'symbolon.db'))
  const kind = database.indexOf('"k":"voucher.redeem"')
  const at = database.lastIndexOf('{"amt":', kind) + '{"amt":'.length
  if (kind < 0 || at < '{"amt":'.length) throw new Error('there is no redemption to change')
  database[at] = database[at] === 0x39 ? 0x38 : 0x39
  await writeFile(join(copy, 'symbolon.db'), database)
  for (const name of await readdir(join(data, 'keys'))) {
    await copyFile(join(data, 'keys', name), join(copy, 'keys', name))
  }
}

async function ledger(argv: readonly string[]): Promise<{ exit: number; text: string }> {
  const parts: string[] = []
  const collect = { write: (part: string) => parts.push(part) }
  const io = { stdout: collect, stderr: { write: () => {} } }
  // The demonstration is in its folder, whatever DATABASE_URL says.
  const exit = await runLedger(argv, io, {})
  return { exit, text: parts.join('') }
}
