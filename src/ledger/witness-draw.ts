import type { Bytes } from '../base/bytes.ts'
import { sha256 } from '../base/sha256.ts'
import { drawMessage } from '../formats/draw.ts'
import { LeafError, readLeaf } from '../formats/leaf.ts'
import { parseCheckpoint } from '../formats/tlog/checkpoint.ts'
import { TlogError } from '../formats/tlog/error.ts'
import { keyOf, parseNote, parseVkey } from '../formats/tlog/note.ts'
import { parseReceipt, verifyReceipt } from '../formats/tlog/receipt.ts'
import { verifyEd25519 } from '../keys/ed25519.ts'
import type { WitnessKey } from '../keys/witness-key.ts'
import type { Reader } from '../store/store.ts'
import { vkeysOf } from './witness.ts'

/** Why a witness does not sign a draw. */
export type DrawRefusal = 'malformed' | 'unknown' | 'unseen'

/**
 * Signs the closing leaf of a draw, if the receipt proves it to be in a checkpoint of a log that we
 * believe and have cosigned ourselves: then the list was fixed, in the sight of others, before the
 * operator had our signature. Ed25519 is deterministic: asking again gets the same. Keeps nothing.
 */
export async function signDraw(
  reader: Reader,
  witness: WitnessKey,
  body: Uint8Array,
): Promise<Readonly<{ signature: Bytes }> | Readonly<{ refused: DrawRefusal }>> {
  try {
    const receipt = parseReceipt(body)
    const { origin } = parseCheckpoint(parseNote(receipt.checkpoint).text)
    const keys = await vkeysOf(reader, origin)
    if (keys.length === 0) return { refused: 'unknown' }
    const own = parseVkey(sha256, witness.vkey)
    const policy = {
      logs: keys.map((vkey) => ({ vkey })),
      witnesses: [{ vkey: own }],
      quorum: { kind: 'witness', vkey: own } as const,
    }
    const opened = await verifyReceipt(sha256, verifyEd25519, policy, receipt)
    if (!opened.cosignatures.some((one) => keyOf(one) === keyOf(own))) return { refused: 'unseen' }
    if (readLeaf(opened.entry).k !== 'draw.close') return { refused: 'malformed' }
    return { signature: new Uint8Array(witness.sign(drawMessage(opened.leafHash))) }
  } catch (error) {
    if (error instanceof TlogError && error.code === 'QUORUM_NOT_MET') return { refused: 'unseen' }
    if (error instanceof TlogError || error instanceof LeafError) return { refused: 'malformed' }
    throw error
  }
}
