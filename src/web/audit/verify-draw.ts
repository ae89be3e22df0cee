import { type Bytes, utf8 } from '../../base/bytes.ts'
import {
  type DrawFiles,
  type DrawReport,
  drawFileNames,
  type LoggedLeaf,
  readDrawList,
  verifyDraw,
} from '../../formats/draw.ts'
import { type LogSpan, type WrongEntrant, wrongEntrants } from '../../formats/draw-log.ts'
import { openUnderPolicy, type Policy, parsePolicy } from '../../formats/tlog/policy.ts'
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
  const spans = await spansOf(policy, logsOf(policyText), { opening, closing })
  return { report, wrong: await wrongEntrants({ draw: report.draw ?? id, list, spans }) }
}

/** From the opening to the closing, through the logs of the years that the policy names between. */
async function spansOf(
  policy: Policy,
  origins: readonly string[],
  { opening, closing }: { readonly opening: LoggedLeaf; readonly closing: LoggedLeaf },
): Promise<LogSpan[]> {
  const [first, last] = [opening.checkpoint.origin, closing.checkpoint.origin]
  const between = origins.slice(origins.indexOf(first), origins.indexOf(last) + 1)
  return Promise.all(
    between.map(async (origin) => {
      const read = readBelow(logAddress(origin))
      const from = origin === first ? opening.index : 0
      const to = origin === last ? closing.index : await sizeOf(policy, read)
      return { from, to, read }
    }),
  )
}

/** How many leaves a log has, by its checkpoint. */
async function sizeOf(policy: Policy, read: LogSpan['read']): Promise<number> {
  const note = await read('checkpoint')
  if (!note) throw new Error('the log has no checkpoint')
  return (await openUnderPolicy(policy, note, verifyEd25519)).checkpoint.size
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
