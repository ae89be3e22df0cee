import { fromBase64url } from '../base/bytes.ts'
import { Weather } from '../base/refusal.ts'
import { sha256 } from '../base/sha256.ts'
import type { Draw } from '../benefits/draw/draw.ts'
import { drawMessage } from '../formats/draw.ts'
import { keyOf, parseVkey } from '../formats/tlog/note.ts'
import { verifyEd25519 } from '../keys/ed25519.ts'
import { receiptSeenBy } from '../ledger/receipt.ts'
import type { Drawing } from './draws.ts'
import { submit } from './submit-checkpoint.ts'

/**
 * Asks a draw's outside key to sign its closing leaf, with the proof that it has seen the leaf in a
 * checkpoint. `undefined` while it has not seen it yet; no octets when it did not answer, refused,
 * or signed something else: to be asked again later. Its key is deterministic (Ed25519), so asking
 * again never gets another answer.
 */
export async function askOutsideKey(
  { store, witnessPolicy }: Drawing,
  { witness, closeEntryId, closeLeaf }: Draw,
): Promise<Uint8Array | undefined> {
  if (witness === null || closeEntryId === null || closeLeaf === null) return undefined
  const key = parseVkey(sha256, witness)
  const none = new Uint8Array(0)
  const url = witnessPolicy?.witnesses.find(({ vkey }) => keyOf(vkey) === keyOf(key))?.url
  if (url === undefined) return none
  const seen = { entryId: closeEntryId, witness: keyOf(key) }
  const receipt = await receiptSeenBy(store.read, seen)
  if (!receipt) return undefined
  try {
    const { status, text } = await submit(url, receipt, 'sign-draw')
    const signature = status === 200 ? fromBase64url(text.trim()) : undefined
    const message = drawMessage(new Uint8Array(closeLeaf))
    const good = signature && verifyEd25519(key.publicKey, message, signature)
    return good ? signature : none
  } catch (error) {
    if (error instanceof Weather) return none
    throw error
  }
}
