import { createReadStream, createWriteStream, statSync } from 'node:fs'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { parseArgs } from 'node:util'

import { systemClock } from '../base/clock.ts'
import { Refusal } from '../base/refusal.ts'
import { earlierUses } from '../benefits/list-import.ts'
import { createList, type List, readList } from '../benefits/lists.ts'
import { type Deployment, openDeployment } from '../compose.ts'
import { readConfig } from '../config.ts'
import { errorsCsv, readImport } from '../identity/import-report.ts'
import { readOrganisation, readRoot } from '../identity/organisations.ts'
import { importList } from '../jobs/list-import.ts'
import type { Environment, Io } from './io.ts'
import { chinaDay } from './members.ts'
import { progressLine } from './progress.ts'

/** What `--help` prints. */
export const usage = [
  'usage: symbolon lists import FILE --data DIR (--list ID | --name NAME [--org CODE])',
  '                             [--errors FILE] [--json]',
  '',
].join('\n')

/**
 * `lists import FILE`: puts the people of a file on a list, which `--name` makes for the
 * organisation `--org` (by default all of them), and answers the exit code. 0 also when rows named
 * nobody (`--errors` names the file that says which and why), 1 when the file was refused, 2 for a
 * command nobody understands.
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
      list: { type: 'string' },
      name: { type: 'string' },
      org: { type: 'string' },
      errors: { type: 'string' },
      json: { type: 'boolean', default: false },
    },
    allowPositionals: true,
  })
  const [verb, file] = positionals
  const named = (values.list === undefined) !== (values.name === undefined)
  if (verb !== 'import' || !file || !values.data || !named) {
    io.stderr.write(usage)
    return 2
  }
  const opened = await openDeployment({ data: values.data, config: readConfig(env) })
  try {
    const list = await listFor(opened, values)
    return await importFile(opened, { ...values, file, list }, io)
  } finally {
    await opened.close()
  }
}

interface Wishes {
  readonly list?: string | undefined
  readonly name?: string | undefined
  readonly org?: string | undefined
}

/** Refusal NOT_FOUND for a list or an organisation that is not there. */
async function listFor({ store }: Deployment, { list, name, org }: Wishes): Promise<List> {
  if (list !== undefined) return readList(store.read, list)
  const at = org ? await readOrganisation(store.read, org) : await readRoot(store.read)
  if (!at || !name) throw new Refusal('NOT_FOUND', { what: 'organisation' })
  const actor = { principalId: 'cli', personId: 'cli', orgPaths: [at.path] }
  return store.transaction((tx) => createList(tx, { name, orgCode: at.code }, actor, systemClock()))
}

interface Given {
  readonly file: string
  readonly list: List
  readonly errors?: string | undefined
  readonly json?: boolean | undefined
}

async function importFile(opened: Deployment, given: Given, io: Io): Promise<number> {
  const { store, node } = opened
  const { file, list, errors } = given
  const show = io.stderr.isTTY
    ? progressLine(statSync(file).size, systemClock, io.stderr)
    : undefined
  try {
    const done = await importList(store, node, createReadStream(file), {
      listId: list.id,
      createdBy: 'cli',
      today: chinaDay(systemClock()),
      now: systemClock,
      ...(show && { onProgress: show }),
    })
    if (show) io.stderr.write('\n')
    if (errors) {
      await pipeline(Readable.from(errorsCsv(store.read, done.id)), createWriteStream(errors))
    }
    const { read, matched, added, unchanged, refused, reasons } = done
    const counts = { read, matched, added, unchanged, refused }
    const before = await usedBefore(opened, done.id)
    if (given.json) {
      io.stdout.write(`${JSON.stringify({ list: list.id, used_before: before })}\n`)
      io.stdout.write(`${JSON.stringify({ ...counts, reasons })}\n`)
      return 0
    }
    io.stdout.write(`list ${list.id}\n`)
    for (const { list_name, at } of before)
      io.stdout.write(`used before in ${list_name} on ${at}\n`)
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

/** Where the same people were uploaded before, anywhere in the node. */
async function usedBefore({ store }: Deployment, importId: string) {
  const root = await readRoot(store.read)
  const done = root && (await readImport(store.read, importId, root.path))
  const uses = done ? await earlierUses(store.read, done, [root.path]) : []
  return uses.map(({ listId, listName, at }) => {
    return { list: listId, list_name: listName, at: new Date(at).toISOString() }
  })
}
