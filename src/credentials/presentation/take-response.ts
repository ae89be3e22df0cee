import { toBase64url } from '../../base/bytes.ts'
import { type Random, systemRandom } from '../../base/id.ts'
import { FormatError } from '../../formats/error.ts'
import { type JsonObject, member } from '../../formats/json.ts'
import type { ThisNode } from '../../keys/this-node.ts'
import type { Store } from '../../store/store.ts'
import { TrustError } from '../../trust/error.ts'
import { PresentationError } from './error.ts'
import { responseCodeDigest } from './request-object.ts'
import { openResponse } from './response-key.ts'
import {
  acceptPresentation,
  noteRefused,
  type Verification,
  verificationByRequest,
  verificationState,
} from './verifications.ts'
import { type VerifierGround, verifyResponse } from './verify-response.ts'

/** The form that a wallet has posted (OpenID4VP 1.0 section 8.3.1), its members once each. */
export type PostedForm = Readonly<Record<string, string>>

/** What the wallet is told of an answer that was taken. */
export type Taken = Readonly<{ redirectUri: string | undefined }>

/**
 * Takes a wallet's answer: decrypts and verifies it, then accepts it in one conditional statement.
 * A refused one is remembered by its code, and the request goes on waiting: whoever has seen the
 * code on a screen must not be able to end it. Throws PresentationError or FormatError.
 */
export async function takeResponse(
  { store, node }: { readonly store: Store; readonly node: ThisNode },
  { requestId, form }: { readonly requestId: string; readonly form: PostedForm },
  ground: VerifierGround,
  random: Random = systemRandom,
): Promise<Taken> {
  const verification = await requireOpen(store, requestId, ground)
  const { id, redirectUri } = verification
  const shown = await read(node, verification, form)
    .then((answer) => verifyResponse(verification, answer, ground))
    .catch(async (error: unknown) => {
      const code = refusalOf(error)
      if (code) await store.transaction((tx) => noteRefused(tx, id, code))
      if (code === 'WALLET_DECLINED') return undefined // that is an answer, too
      throw error
    })
  if (!shown) return { redirectUri: undefined }
  const code = redirectUri === null ? undefined : toBase64url(random(16))
  const responseCodeHash = code === undefined ? undefined : responseCodeDigest(code)
  const taken = await store.transaction((tx) => {
    return acceptPresentation(tx, node, { id, shown, responseCodeHash, now: ground.now })
  })
  if (!taken) throw new PresentationError('REQUEST_ANSWERED', 'request has been answered')
  return { redirectUri: code && `${redirectUri}#response_code=${code}` }
}

/** The verification of a request that still waits. REQUEST_UNKNOWN, _EXPIRED or _ANSWERED. */
export async function requireOpen(
  { read: reader }: Pick<Store, 'read'>,
  requestId: string,
  { now }: Pick<VerifierGround, 'now'>,
): Promise<Verification> {
  const known = /^[A-Za-z0-9_-]{22}$/.test(requestId)
  const found = known ? await verificationByRequest(reader, requestId) : undefined
  if (!found) throw new PresentationError('REQUEST_UNKNOWN', 'there is no such request')
  const state = verificationState(found, now)
  if (state === 'expired') throw new PresentationError('REQUEST_EXPIRED', 'request has expired')
  if (state === 'verified') {
    throw new PresentationError('REQUEST_ANSWERED', 'request has been answered')
  }
  return found
}

/** The code that a wallet and the asker may be told; `undefined` for what is not a refusal. */
export function refusalOf(error: unknown): string | undefined {
  const expected =
    error instanceof PresentationError ||
    error instanceof FormatError ||
    error instanceof TrustError
  return expected ? error.code : undefined
}

/**
 * The answer in the form: encrypted, as it was asked for (section 8.3). Only an error may come in
 * the clear, from a wallet that cannot encrypt; it must carry the request's `state`.
 */
async function read(
  node: ThisNode,
  verification: Verification,
  form: PostedForm,
): Promise<JsonObject> {
  if (form.response !== undefined) {
    const answer = await openResponse(node, { sealed: verification.sealedKey }, form.response)
    return declined(answer, verification)
  }
  if (form.vp_token !== undefined) {
    throw new PresentationError('RESPONSE_NOT_ENCRYPTED', 'answer is not encrypted')
  }
  return declined({ ...form }, verification)
}

function declined(answer: JsonObject, { walletState }: Verification): JsonObject {
  if (member(answer, 'error') === undefined) return answer
  if (member(answer, 'state') !== walletState) {
    throw new PresentationError('RESPONSE_STATE', 'unexpected state in the answer')
  }
  throw new PresentationError('WALLET_DECLINED', 'wallet has declined')
}
