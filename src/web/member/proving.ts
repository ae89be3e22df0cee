import { utf8 } from '../../base/bytes.ts'
import { parseVkey } from '../../formats/tlog/note.ts'
import { parsePolicy } from '../../formats/tlog/policy.ts'
import {
  type Proved,
  type VoucherReceipt,
  verifyVoucherReceipt,
} from '../../formats/voucher-receipt.ts'
import { sha256 } from '../parts/device-key.ts'
import { verifyEd25519 } from '../parts/ed25519.ts'
import { keep, recall } from '../parts/kept.ts'
import { fetchText, freshTrustList } from '../parts/trust.ts'

/** What the page met first, and holds the node to. */
interface Met {
  readonly policy: string
  readonly promiseKey: string
}

/** What was proved, and by whose keys: those of the trust list, or those this phone met first. */
export type Finding = Proved & { readonly keysFrom: 'list' | 'first' }

/** The log's keys are not those this phone has met, and the trust list does not know them. */
export class KeysChanged extends Error {}

const keptName = 'log policy'

/**
 * Checks a receipt on this phone. The keys are pinned at the first check; others are believed only
 * if the trust list names them for a log. Throws KeysChanged, or what `verifyVoucherReceipt` throws
 * of a receipt that proves nothing.
 */
export async function prove(voucher: string, receipt: VoucherReceipt): Promise<Finding> {
  const { met, keysFrom } = await believed(receipt)
  const policy = parsePolicy(sha256, utf8(met.policy))
  const promiseKey = parseVkey(sha256, met.promiseKey)
  const tools = { sha256, verifyEd25519 }
  const found = await verifyVoucherReceipt(tools, { policy, promiseKey }, { voucher, receipt })
  return { ...found, keysFrom }
}

/** Pins the log's keys, or holds the node to them. Throws KeysChanged. */
export async function believed(
  receipt: VoucherReceipt,
): Promise<{ met: Met; keysFrom: 'list' | 'first' }> {
  const [before, told] = await Promise.all([recall<Met>(keptName), fetchMet(receipt)])
  const listed = await listedKeys()
  const logs = linesOf(told.policy, 'log')
  const inList = logs.length > 0 && logs.every((vkey) => listed.has(vkey))
  if (before && !inList && before.policy !== told.policy) throw new KeysChanged()
  if (before?.policy !== told.policy) await keep(keptName, told)
  return { met: told, keysFrom: inList ? 'list' : 'first' }
}

async function fetchMet({ promise }: VoucherReceipt): Promise<Met> {
  // The log lies at our own address, below the path of its name, which the promise says.
  const [, claims = ''] = promise.split('.')
  const { iss } = JSON.parse(atob(claims.replaceAll('-', '+').replaceAll('_', '/'))) as {
    iss: string
  }
  const path = `/${iss.split('/').slice(1).join('/')}`
  const [policy, promiseKey] = await Promise.all([
    fetchText('/log-policy'),
    fetchText(`${path}/promise-key`),
  ])
  return { policy: `${policy}\n`, promiseKey }
}

/** Of every log that the trust list grants. */
async function listedKeys(): Promise<ReadonlySet<string>> {
  const list = await freshTrustList().catch(() => undefined)
  const services = list?.nodes.flatMap((node) => node.services) ?? []
  const logs = services.filter(({ role, status }) => role === 'log' && status === 'granted')
  return new Set(logs.flatMap(({ vkeys }) => vkeys))
}

function linesOf(policy: string, keyword: string): string[] {
  const lines = policy.split('\n').map((line) => line.split(' '))
  return lines.flatMap(([first, second]) => (first === keyword && second ? [second] : []))
}
