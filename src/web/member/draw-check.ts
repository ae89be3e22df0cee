import { utf8 } from '../../base/bytes.ts'
import { type DrawFiles, type DrawReport, drawFileNames, verifyDraw } from '../../formats/draw.ts'
import { parsePolicy } from '../../formats/tlog/policy.ts'
import { parseReceipt, verifyReceipt } from '../../formats/tlog/receipt.ts'
import type { VoucherReceipt } from '../../formats/voucher-receipt.ts'
import { sha256 } from '../parts/device-key.ts'
import { verifyEd25519 } from '../parts/ed25519.ts'
import { believed } from './proving.ts'

/**
 * Verifies a draw on this phone from its published files, and that one's own entry, by its receipt,
 * is in the list. The log's keys are those that receipts are checked with. Throws when the files
 * cannot be read, or the log's keys have changed.
 */
export async function checkDraw(proof: string, own: VoucherReceipt): Promise<DrawReport> {
  const { met } = await believed(own)
  const policy = parsePolicy(sha256, utf8(met.policy))
  const open = (receipt: Uint8Array) =>
    verifyReceipt(sha256, verifyEd25519, policy, parseReceipt(receipt))
  const files = await filesOf(new URL(proof).pathname)
  const receipts = own.receipt === undefined ? [] : [utf8(own.receipt)]
  return verifyDraw(files, { sha256, verifyEd25519, open }, receipts)
}

/** At our own address, whatever address the node has for the world. */
async function filesOf(path: string): Promise<DrawFiles> {
  const read = async (key: keyof DrawFiles) => {
    const answer = await fetch(`${path}${drawFileNames[key]}`, { credentials: 'omit' })
    if (answer.status === 404) return undefined
    if (!answer.ok) throw new Error(`${key} answered ${answer.status}`)
    return new Uint8Array(await answer.arrayBuffer())
  }
  const opening = await read('opening')
  if (!opening) throw new Error('there is no draw')
  const [closing, entrants, result, winners] = await Promise.all([
    ...[read('closing'), read('entrants'), read('result'), read('winners')],
  ])
  if (!result) throw new Error('its result is not in the log yet')
  return { opening, closing, entrants, result, winners }
}
