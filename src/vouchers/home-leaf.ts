import { equal, fromBase64url, toBase64url, utf8 } from '../base/bytes.ts'
import { sha256 } from '../base/sha256.ts'
import { openDisclosure } from '../formats/disclosure.ts'
import { FormatError } from '../formats/error.ts'
import { type Leaf, readLeaf } from '../formats/leaf.ts'
import { parseVkey } from '../formats/tlog/note.ts'
import type { Policy } from '../formats/tlog/policy.ts'
import { parseReceipt, verifyReceipt } from '../formats/tlog/receipt.ts'
import { verifyEd25519 } from '../keys/ed25519.ts'
import { peerLedger } from '../ledger/peer-ledger.ts'
import { voucherDigest } from '../ledger/voucher-digest.ts'

/** What another node's leaf must say before anything is booked from it. */
export interface ExpectedLeaf {
  /** Our number: to whom it owes. */
  readonly own: number
  readonly voucherId: string
  /** Fen. */
  readonly amount: number
  readonly leafHash: string
  readonly step:
    | {
        readonly kind: 'redeem'
        /** SHA-256 of the member's code, and of the terminal's signature. */
        readonly evidence: Uint8Array
        readonly requestDigest: Uint8Array
        /** What opens the leaf's digests. */
        readonly opens: { readonly evidence: string; readonly merchant: string }
      }
    /** `ref`: the leaf of the redemption. */
    | { readonly kind: 'reverse'; readonly ref: Uint8Array }
}

/**
 * Checks another node's receipt without asking anybody: a log key of that node's (`vkeys`, from the
 * trust list) and the quorum of `witnesses`, if there is one, have signed a tree that has the leaf;
 * and the leaf says what was asked: its kind, the voucher, the amount, that it is owed to us, the
 * evidence. Answers the leaf's hash. Throws TlogError (QUORUM_NOT_MET too), LeafError,
 * DisclosureError, FormatError RECEIPT_OF_ANOTHER.
 */
export async function verifyHomeReceipt(
  receipt: string,
  believed: { readonly vkeys: readonly string[]; readonly witnesses: Policy | undefined },
  expected: ExpectedLeaf,
): Promise<Uint8Array> {
  const policy: Policy = {
    logs: believed.vkeys.map((vkey) => ({ vkey: parseVkey(sha256, vkey) })),
    witnesses: believed.witnesses?.witnesses ?? [],
    quorum: believed.witnesses?.quorum ?? { kind: 'none' },
  }
  const proved = await verifyReceipt(sha256, verifyEd25519, policy, parseReceipt(utf8(receipt)))
  const named = fromBase64url(expected.leafHash)
  if (!named || !equal(proved.leafHash, named)) throw another('leaf is not the one that was told')
  checkLeaf(readLeaf(proved.entry), expected)
  return proved.leafHash
}

function checkLeaf(leaf: Leaf, { own, voucherId, amount, step }: ExpectedLeaf): void {
  if (leaf.k !== `voucher.${step.kind}`) throw another('leaf is of another kind')
  if (leaf.vh !== toBase64url(voucherDigest(voucherId))) throw another('leaf is of another voucher')
  if (leaf.amt !== amount || leaf.peer !== own) throw another('leaf is of another amount or node')
  const [debit, credit] =
    step.kind === 'redeem'
      ? ['voucher_liability', 'node_due_to']
      : ['node_due_to', 'voucher_liability']
  const moved = amount === 0 ? [] : [[debit, amount] as const, [credit, -amount] as const]
  if (JSON.stringify(leaf.p ?? []) !== JSON.stringify(moved)) throw another('leaf books otherwise')
  if (step.kind === 'reverse') {
    if (leaf.ref !== toBase64url(step.ref)) throw another('leaf undoes another redemption')
    return
  }
  const evidence = `${toBase64url(step.evidence)}.${toBase64url(step.requestDigest)}`
  requireOpened(leaf, step.opens.evidence, ['evidence', evidence])
  requireOpened(leaf, step.opens.merchant, ['merchant', peerLedger(own)])
}

function requireOpened(leaf: Leaf, disclosure: string, [name, value]: [string, string]): void {
  const opened = openDisclosure(sha256, disclosure, leaf.d)
  if (opened?.name !== name || opened.value !== value) {
    throw another(`leaf commits to another ${name}`)
  }
}

function another(message: string): FormatError {
  return new FormatError('RECEIPT_OF_ANOTHER', message)
}
