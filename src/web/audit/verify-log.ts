import { type Bytes, equal, fromHex, toHex, utf8 } from '../../base/bytes.ts'
import { LeafError, readLeaf } from '../../formats/leaf.ts'
import { parseCosignature } from '../../formats/tlog/cosignature.ts'
import { TlogError } from '../../formats/tlog/error.ts'
import { Frontier, hashLength, leafHash } from '../../formats/tlog/merkle.ts'
import { openUnderPolicy, type Policy, parsePolicy } from '../../formats/tlog/policy.ts'
import { bundlePath, decodeBundle, tilePath, tileWidth, widthAt } from '../../formats/tlog/tiles.ts'
import { sha256 } from '../parts/device-key.ts'
import { verifyEd25519 } from '../parts/ed25519.ts'
import { UpperTiles } from './upper-tiles.ts'

/** A checkpoint that this browser has verified before. */
export interface Seen {
  readonly origin: string
  readonly size: number
  /** Hexadecimal. */
  readonly root: string
}

/** What is wrong, and with which leaf it begins. */
export interface Finding {
  readonly check: 'policy' | 'checkpoint' | 'fork' | 'missing' | 'tile' | 'bundle' | 'leaf' | 'root'
  readonly index?: number
  /** In the words of the formats: for whoever looks further. */
  readonly detail: string
}

/** What was verified. Without findings, all of it is good. */
export interface Verified {
  readonly findings: readonly Finding[]
  readonly checkpoint?: Seen
  readonly witnesses: readonly { readonly name: string; readonly at: number }[]
  /** Leaves that were hashed. */
  readonly leaves: number
  /** Of a log that was closed: the verifier key of the next one, as its last leaf announces it. */
  readonly next?: string
  /** Size of the tree that this browser knew before, and found again in this one. */
  readonly since?: number
}

/** What the verification works with; everything that comes from the network is handed in. */
export interface Given {
  /** A policy file (c2sp.org/tlog-policy): whom to believe. */
  readonly policy: string
  /** Which log of the policy; none of a policy that names none. */
  readonly origin: string | undefined
  readonly seen: Seen | undefined
  /** The octets below the log's address, or `undefined` for what is not there. */
  readonly read: (path: string) => Promise<Bytes | undefined>
  readonly progress: (done: number, size: number) => void
}

/**
 * Verifies a log from its first leaf to its last, trusting nothing but the policy: the checkpoint's
 * signatures, every entry and every tile up to the signed root, and that the tree which this
 * browser saw before lies in it unchanged. Goes on after a finding, to say how far the rest holds.
 * Throws what `read` throws when the network fails.
 */
export async function verifyLog(given: Given): Promise<Verified> {
  const none = { witnesses: [], leaves: 0 }
  let policy: Policy
  try {
    policy = parsePolicy(sha256, utf8(given.policy))
  } catch (error) {
    return { ...none, findings: [{ check: 'policy', detail: told(error) }] }
  }
  const note = await given.read('checkpoint')
  if (!note) return { ...none, findings: [{ check: 'missing', detail: 'checkpoint' }] }
  try {
    const opened = await openUnderPolicy(policy, note, verifyEd25519)
    const { origin, size, root } = opened.checkpoint
    if (origin !== given.origin) {
      return {
        ...none,
        findings: [{ check: 'checkpoint', detail: `is of another log, ${origin}` }],
      }
    }
    const checkpoint = { origin, size, root: toHex(root) }
    const witnesses = opened.cosignatures.map(({ name, signature }) => ({
      ...{ name, at: parseCosignature(signature).timeSeconds * 1000 },
    }))
    return { checkpoint, witnesses, ...(await verifyTree(given, checkpoint)) }
  } catch (error) {
    return { ...none, findings: [{ check: 'checkpoint', detail: told(error) }] }
  }
}

/** The origins of the logs that a policy names, in its order; none of one that cannot be read. */
export function logsOf(policy: string): readonly string[] {
  try {
    const { logs } = parsePolicy(sha256, utf8(policy))
    return [...new Set(logs.map(({ vkey }) => vkey.name))]
  } catch {
    return []
  }
}

/** The address of a log on this node: the path of its origin, which is a host and a path. */
export function logAddress(origin: string): string {
  return `/${origin.split('/').slice(1).join('/')}`
}

/** The policy with the key of one more log, behind those that it names. */
export function withLog(policy: string, vkey: string): string {
  const lines = policy.split('\n')
  const last = lines.findLastIndex((line) => line.startsWith('log '))
  return lines.toSpliced(last + 1, 0, `log ${vkey}`).join('\n')
}

async function verifyTree(
  { read, progress, seen: before }: Given,
  checkpoint: Seen,
): Promise<Pick<Verified, 'findings' | 'leaves' | 'since' | 'next'>> {
  const { size, root } = checkpoint
  let next: string | undefined
  const findings: Finding[] = []
  const tree = new Frontier(sha256)
  const upper = new UpperTiles(read, size, findings)
  const seen = before?.origin === checkpoint.origin ? before : undefined
  const shrunk = 'the log is shorter than this browser has seen it'
  const changed = 'the tree that this browser has seen is not in this log'
  if (seen && seen.size > size) findings.push({ check: 'fork', index: size, detail: shrunk })
  for (let n = 0; n * tileWidth < size; n++) {
    const piece = await hashesOf(read, n, widthAt(size, 0, n), findings)
    if (!piece) return { findings, leaves: tree.size }
    next = piece.next ?? next
    for (const hash of piece.hashes) {
      tree.append(hash, upper.note)
      if (seen?.size === tree.size && toHex(tree.root()) !== seen.root) {
        findings.push({ check: 'fork', index: seen.size - 1, detail: changed })
      }
    }
    await upper.compare()
    progress(tree.size, size)
  }
  await upper.finish()
  if (!equal(tree.root(), fromHex(root) ?? new Uint8Array(0))) {
    const index = findings.find((one) => one.index !== undefined)?.index
    const detail = 'the entries do not lead to the signed root'
    findings.push({ check: 'root', detail, ...(index !== undefined && { index }) })
  }
  const known = { ...(seen && { since: seen.size }), ...(next !== undefined && { next }) }
  return { findings, leaves: tree.size, ...known }
}

/**
 * The leaf hashes of one bundle, compared with its tile, and the key that a closing in it announces;
 * `undefined` when it cannot be read.
 */
async function hashesOf(
  read: Given['read'],
  index: number,
  width: number,
  findings: Finding[],
): Promise<{ hashes: Uint8Array[]; next: string | undefined } | undefined> {
  const first = index * tileWidth
  const [bundle, tile] = await Promise.all([
    read(bundlePath({ index, width })),
    read(tilePath({ level: 0, index, width })),
  ])
  if (!bundle) {
    findings.push({ check: 'missing', index: first, detail: bundlePath({ index, width }) })
    return undefined
  }
  const whole = tile?.length === width * hashLength
  if (!whole) findings.push({ check: 'tile', index: first, detail: 'the tile is not whole' })
  try {
    const entries = decodeBundle(bundle, width)
    const hashes = entries.map((entry) => leafHash(sha256, entry))
    const wrong = hashes.findIndex(
      (hash, i) => whole && !equal(hash, tile.subarray(i * hashLength, (i + 1) * hashLength)),
    )
    const detail = 'the entry and its hash in the tile do not fit'
    if (wrong >= 0) findings.push({ check: 'tile', index: first + wrong, detail })
    return { hashes, next: readEntries(entries, first, findings) }
  } catch (error) {
    findings.push({ check: 'bundle', index: first, detail: told(error) })
    return undefined
  }
}

function readEntries(
  entries: readonly Uint8Array[],
  first: number,
  findings: Finding[],
): string | undefined {
  let announced: string | undefined
  for (const [i, entry] of entries.entries()) {
    try {
      const { k, next } = readLeaf(entry)
      if (k === 'log.close' && typeof next === 'string') announced = next
    } catch (error) {
      if (!(error instanceof LeafError)) throw error
      findings.push({ check: 'leaf', index: first + i, detail: error.message })
      return undefined
    }
  }
  return announced
}

function told(error: unknown): string {
  if (error instanceof TlogError) return `${error.code}: ${error.message}`
  throw error
}
