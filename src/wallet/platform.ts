import type { Instant } from '../base/clock.ts'
import type { PublicJwk, Sha256 } from '../formats/jwk.ts'
import type { SignEs256, VerifyEs256 } from '../formats/jws.ts'

/** WebCrypto's, of a page or of Node. */
export type Subtle = typeof crypto.subtle

/** What a wallet needs of where it runs; handed in, so that a page and a test bring their own. */
export interface Platform {
  readonly fetch: (url: string, request?: WalletRequest) => Promise<Response>
  readonly subtle: Subtle
  readonly sha256: Sha256
  readonly verifyEs256: VerifyEs256
  /** Unpredictable octets. */
  readonly random: (octets: number) => Uint8Array
  /** The server's time as far as the wallet knows it: its own clock and the offset it has seen. */
  readonly now: () => Instant
}

/** A request as wallets send them. */
export interface WalletRequest {
  readonly method: 'GET' | 'POST'
  readonly headers: Record<string, string>
  readonly body?: string
}

/** A key that never leaves its owner: a holder key of one copy, or the device key for DPoP. */
export interface WalletKey {
  readonly jwk: PublicJwk
  readonly sign: SignEs256
}

/** A credential with the key that it is bound to. */
export interface HeldCredential {
  /** SD-JWT with all its disclosures, ending with a tilde. */
  readonly compact: string
  readonly key: WalletKey
}
