import { createReadStream } from 'node:fs'
import { parseArgs } from 'node:util'

import { systemClock } from '../base/clock.ts'
import { Refusal } from '../base/refusal.ts'
import { openDeployment } from '../compose.ts'
import { readConfig } from '../config.ts'
import { readOrganisationFile } from '../identity/organisation-file.ts'
import { importOrganisations } from '../identity/organisation-import.ts'
import type { Environment, Io } from './io.ts'

/** What `--help` prints. */
export const usage = 'usage: symbolon organisations import FILE --data DIR [--json]\n'

/**
 * `organisations import FILE`: answers the exit code. 0 also when rows were refused, each of which
 * is a line on standard error; 1 when the file was; 2 for a command nobody understands.
 */
export async function run(
  argv: readonly string[],
  io: Io,
  env: Environment = process.env,
): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...argv],
    options: { data: { type: 'string' }, json: { type: 'boolean', default: false } },
    allowPositionals: true,
  })
  const [verb, file] = positionals
  if (verb !== 'import' || !file || !values.data) {
    io.stderr.write(usage)
    return 2
  }
  const { store, close } = await openDeployment({ data: values.data, config: readConfig(env) })
  try {
    const rows = await readOrganisationFile(createReadStream(file))
    const done = await store.transaction((tx) => importOrganisations(tx, rows, systemClock()), {
      bulk: true,
    })
    const reasons: Record<string, number> = {}
    for (const { row, code } of done.refused) {
      reasons[code] = (reasons[code] ?? 0) + 1
      if (!values.json) io.stderr.write(`row ${row}: ${code}\n`)
    }
    const { read, added, changed, unchanged } = done
    const counts = { read, added, changed, unchanged, refused: done.refused.length }
    const result = values.json ? JSON.stringify({ ...counts, reasons }) : sentence(counts)
    io.stdout.write(`${result}\n`)
    return 0
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    io.stderr.write(`the file was refused: ${error.code} ${JSON.stringify(error.detail)}\n`)
    return 1
  } finally {
    await close()
  }
}

function sentence(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .map(([word, n]) => `${word} ${n}`)
    .join(', ')
}
