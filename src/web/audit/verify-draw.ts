import { type Bytes, utf8 } from '../../base/bytes.ts'
import {
  type DrawFiles,
  type DrawReport,
  drawFileNames,
  type LoggedLeaf,
  readDrawList,
  verifyDraw,
} from '../../formats/draw.ts'
import { type WrongEntrant, wrongEntrants } from '../../formats/draw-log.ts'
import { parsePolicy } from '../../formats/tlog/policy.ts'
import { parseReceipt, verifyReceipt } from '../../formats/tlog/receipt.ts'
import { sha256 } from '../parts/device-key.ts'
import { verifyEd25519 } from '../parts/ed25519.ts'
import { logAddress, logsOf } from './verify-log.ts'

/** What was found of a draw; where its list of entrants is wrong, which lines. */
export interface DrawVerdict {
  readonly report: DrawReport
  readonly wrong: readonly WrongEntrant[]
}

/**
 * Verifies a draw's published files in this browser under the policy that it has pinned. Undefined
 * where there is no such draw. Throws what the network throws.
 */
export async function checkDraw(id: string, policyText: string): Promise<DrawVerdict | undefined> {
  const policy = parsePolicy(sha256, utf8(policyText))
  const opened: LoggedLeaf[] = []
  const open = async (receipt: Uint8Array) => {
    const leaf = await verifyReceipt(sha256, verifyEd25519, policy, parseReceipt(receipt))
    opened.push(leaf)
    return leaf
  }
  const files = await filesOf(id)
  if (!files) return undefined
  const report = await verifyDraw(files, { sha256, verifyEd25519, open })
  const [opening, closing] = opened
  const list = files.entrants && readDrawList(files.entrants)
  const changed = report.findings.some(({ check }) => check === 'entrants')
  if (!changed || !list || !opening || !closing) return { report, wrong: [] }
  const read = readBelow(logAddress(logsOf(policyText).at(-1) ?? ''))
  const span = { from: opening.index, to: closing.index }
  return { report, wrong: await wrongEntrants({ draw: report.draw ?? id, list, ...span, read }) }
}

async function filesOf(id: string): Promise<DrawFiles | undefined> {
  const read = readBelow(`/draws/${encodeURIComponent(id)}`)
  const opening = await read(drawFileNames.opening)
  if (!opening) return undefined
  const [closing, entrants, result, winners] = await Promise.all(
    (['closing', 'entrants', 'result', 'winners'] as const).map((key) => read(drawFileNames[key])),
  )
  return { opening, closing, entrants, result, winners }
}

/** Reads the octets below an address; nothing of it from a cache. */
export function readBelow(address: string) {
  return async (path: string): Promise<Bytes | undefined> => {
    const answer = await fetch(`${address}/${path}`, { cache: 'no-store', credentials: 'omit' })
    if (answer.status === 404) return undefined
    if (!answer.ok) throw new Error(`${path} answered ${answer.status}`)
    return new Uint8Array(await answer.arrayBuffer())
  }
}
