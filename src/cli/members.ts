import { createReadStream, createWriteStream, statSync } from 'node:fs'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { parseArgs } from 'node:util'

import { hour, systemClock } from '../base/clock.ts'
import { Refusal } from '../base/refusal.ts'
import { type Deployment, openDeployment } from '../compose.ts'
import { readConfig } from '../config.ts'
import { errorsCsv } from '../identity/import-report.ts'
import { readOrganisation, readRoot } from '../identity/organisations.ts'
import { importRoster } from '../jobs/roster-import.ts'
import type { Environment, Io } from './io.ts'
import { progressLine } from './progress.ts'

/** What `--help` prints. */
export const usage =
  'usage: symbolon members import FILE --data DIR [--errors FILE] [--org CODE] [--json]\n'

/**
 * `members import FILE`: writes a roster for the organisation `--org` and those below it, by
 * default for all of them, and answers the exit code. 0 also when rows were refused (`--errors`
 * names the file that says which and why), 1 when the file was, 2 for a command nobody understands.
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
      errors: { type: 'string' },
      org: { type: 'string' },
      json: { type: 'boolean', default: false },
    },
    allowPositionals: true,
  })
  const [verb, file] = positionals
  if (verb !== 'import' || !file || !values.data) {
    io.stderr.write(usage)
    return 2
  }
  const opened = await openDeployment({ data: values.data, config: readConfig(env) })
  try {
    return await importFile(opened, file, values, io)
  } finally {
    await opened.close()
  }
}

interface Wishes {
  readonly errors?: string | undefined
  readonly org?: string | undefined
  readonly json?: boolean | undefined
}

async function importFile(
  { store, node }: Deployment,
  file: string,
  { errors, org, json }: Wishes,
  io: Io,
): Promise<number> {
  const scope = org ? await readOrganisation(store.read, org) : await readRoot(store.read)
  if (!scope) {
    io.stderr.write(org ? `there is no organisation ${org}\n` : 'import the organisations first\n')
    return 1
  }
  const show = io.stderr.isTTY
    ? progressLine(statSync(file).size, systemClock, io.stderr)
    : undefined
  const now = systemClock()
  try {
    const { id, bytes, reasons, ...counts } = await importRoster(
      store,
      node,
      createReadStream(file),
      {
        scope,
        createdBy: 'cli',
        today: chinaDay(now),
        now: systemClock,
        ...(show && { onProgress: show }),
      },
    )
    if (show) io.stderr.write('\n')
    if (errors) await pipeline(Readable.from(errorsCsv(store.read, id)), createWriteStream(errors))
    if (json) io.stdout.write(`${JSON.stringify({ ...counts, reasons })}\n`)
    else
      for (const [word, n] of Object.entries({ ...counts, ...reasons }))
        io.stdout.write(`${word} ${n}\n`)
    return 0
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    io.stderr.write(
      `${show ? '\n' : ''}the file was refused: ${error.code} ${JSON.stringify(error.detail)}\n`,
    )
    return 1
  }
}

/** The calendar day at `now` where the unions are (UTC+8, without summer time). */
export function chinaDay(now: number): string {
  return new Date(now + 8 * hour).toISOString().slice(0, 10)
}
