import { fork } from 'node:child_process'
import { Refusal, type RefusalDetail, Weather } from '../../base/refusal.ts'
import type { RefusalCode } from '../../base/refusal-codes.ts'
import { type Cell, isBlank, type RawRow } from './cell.ts'

/** What the child process answers. */
export type WorkbookAnswer =
  | { readonly sheet: readonly (readonly Cell[])[] }
  | { readonly code: RefusalCode; readonly detail: RefusalDetail }

const fileBytes = 32 * 1024 * 1024
const mostDataRows = 50_000
const batchRows = 1_000
const heapMegabytes = 512
const patienceMs = 60_000

/**
 * The rows of the first sheet of an XLSX workbook, in batches; blank rows left out but counted.
 *
 * The reader unpacks a whole sheet and trusts its row numbers: a few octets can ask for two
 * thousand million rows. So it works in a process of its own, with 512 MB of heap and a minute (a
 * thread that runs out of memory takes the process with it): a hostile file ends that one, and
 * nobody waits behind an honest one. Read one workbook at a time.
 *
 * Refuses FILE_TOO_LARGE (`hint: save_as_csv`) above `rowLimit` data rows (header and blank rows
 * not counted), 32 MiB packed, 128 MiB unpacked, or when memory or time run out; FILE_UNREADABLE
 * for what is no workbook. Weather when no process can be started.
 */
export async function* readWorkbook(
  source: AsyncIterable<Uint8Array>,
  rowLimit = mostDataRows,
): AsyncGenerator<readonly RawRow[]> {
  const answer = await unpack(await collect(source))
  if ('code' in answer) throw new Refusal(answer.code, answer.detail)
  const rows = answer.sheet
    .map((cells, index) => ({ row: index + 1, cells }))
    .filter(({ cells }) => !isBlank(cells))
  if (rows.length > rowLimit + 1) throw tooLarge({ rows: rowLimit })
  for (let at = 0; at < rows.length; at += batchRows) yield rows.slice(at, at + batchRows)
}

async function collect(source: AsyncIterable<Uint8Array>): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of source) {
    size += chunk.length
    if (size > fileBytes) throw tooLarge({ bytes: fileBytes })
    chunks.push(chunk)
  }
  const whole = new Uint8Array(size)
  let at = 0
  for (const chunk of chunks) {
    whole.set(chunk, at)
    at += chunk.length
  }
  return whole
}

/**
 * Asks a child for the first sheet; it has nothing of ours but the file, and is gone afterwards.
 */
async function unpack(archive: Uint8Array): Promise<WorkbookAnswer> {
  const child = fork(new URL('./workbook-process.ts', import.meta.url), {
    execArgv: ['--disable-warning=ExperimentalWarning', `--max-old-space-size=${heapMegabytes}`],
    env: {},
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  })
  const patience = setTimeout(() => child.kill('SIGKILL'), patienceMs)
  try {
    return await new Promise((resolve, reject) => {
      child.once('message', (answer) => resolve(answer as WorkbookAnswer))
      child.once('close', (_, signal) => resolve(concluded(signal)))
      child.once('error', (error) => reject(new Weather('cannot start the workbook reader', error)))
      // A child that died early has closed the channel; 'close' tells the rest.
      child.send(archive, () => {})
    })
  } finally {
    clearTimeout(patience)
    child.kill('SIGKILL')
  }
}

/**
 * What it means when the child ended without an answer: killed, by V8 for memory or by us for time.
 */
function concluded(signal: NodeJS.Signals | null): WorkbookAnswer {
  return signal === null
    ? { code: 'FILE_UNREADABLE', detail: { reason: 'workbook' } }
    : { code: 'FILE_TOO_LARGE', detail: { hint: 'save_as_csv' } }
}

function tooLarge(limit: RefusalDetail): Refusal {
  return new Refusal('FILE_TOO_LARGE', { ...limit, hint: 'save_as_csv' })
}
