import { readSheet } from 'read-excel-file/node'
import { Refusal } from '../../base/refusal.ts'
import { repack } from './archive.ts'
import type { Cell } from './cell.ts'
import type { WorkbookAnswer } from './workbook.ts'

/**
 * The process that `readWorkbook` starts: one archive in, its first sheet or a refusal out.
 * What it cannot answer (it ran out of memory, the reader threw into the void) its parent
 * concludes.
 */
async function readFirstSheet(archive: Uint8Array): Promise<WorkbookAnswer> {
  try {
    const bytes = Buffer.from(archive.buffer, archive.byteOffset, archive.length)
    const sheet: unknown[][] = await readSheet(repack(bytes), 1)
    return { sheet: sheet as Cell[][] }
  } catch (error) {
    if (error instanceof Refusal) return { code: error.code, detail: error.detail }
    return { code: 'FILE_UNREADABLE', detail: { reason: 'workbook' } }
  }
}

process.once('message', (archive: Uint8Array) => {
  void readFirstSheet(archive).then((answer) => {
    process.send?.(answer, () => process.exit())
  })
})
