import {
  type AuthenticationResponseJSON,
  generateAuthenticationOptions,
  generateRegistrationOptions,
  type RegistrationResponseJSON,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
} from '@simplewebauthn/server'

import { fromBase64url, utf8 } from '../base/bytes.ts'
import { Refusal } from '../base/refusal.ts'
import { challengeMs } from './challenges.ts'

/** ES256 and RS256 (RFC 9053, RFC 8812): what passkeys of all makers can do. */
const algorithms = [-7, -257]

/** Whose passkeys these are: the relying party of WebAuthn. */
export interface Site {
  /** The host of the public address, without a port. */
  readonly rpId: string
  /** Scheme, host and port of the public address: what a browser says it signed for. */
  readonly origin: string
}

/** The site at the node's public address. */
export function siteOf(publicUrl: string): Site {
  const { hostname, origin } = new URL(publicUrl)
  return { rpId: hostname, origin }
}

/** A credential that an authenticator has made, verified. */
export interface NewPasskey {
  readonly id: string
  /** COSE_Key. */
  readonly publicKey: Uint8Array
  readonly counter: number
  readonly transports: readonly string[]
  readonly backedUp: boolean
}

/** A credential as it is known, to verify what it signs. */
export interface KnownPasskey {
  readonly id: string
  readonly publicKey: Uint8Array
  readonly counter: number
}

interface Answered {
  readonly id: string
  readonly rawId: string
  readonly type: 'public-key'
}

/** What `create` answered, as JSON (RegistrationResponseJSON). */
export interface RegistrationAnswer extends Answered {
  readonly response: {
    readonly clientDataJSON: string
    readonly attestationObject: string
    readonly transports?: readonly string[] | undefined
  }
}

/** What `get` answered, as JSON (AuthenticationResponseJSON). */
export interface AssertionAnswer extends Answered {
  readonly response: {
    readonly clientDataJSON: string
    readonly authenticatorData: string
    readonly signature: string
    readonly userHandle?: string | undefined
  }
}

/**
 * Options for `navigator.credentials.create`: a discoverable credential, whose holder is verified
 * (PIN, finger, face). No attestation: we do not judge the maker. `exclude`: ids held already.
 */
export function registrationOptions(
  { rpId }: Site,
  given: {
    readonly siteName: string
    readonly challenge: string
    /** The owner's id: what the credential will answer as user handle. No name, no number. */
    readonly userId: string
    readonly userName: string
    readonly exclude: readonly string[]
  },
) {
  return generateRegistrationOptions({
    rpID: rpId,
    rpName: given.siteName,
    userID: utf8(given.userId),
    userName: given.userName,
    userDisplayName: given.userName,
    challenge: octetsOf(given.challenge),
    timeout: challengeMs,
    attestationType: 'none',
    excludeCredentials: given.exclude.map((id) => ({ id })),
    authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
    supportedAlgorithmIDs: algorithms,
  })
}

/**
 * Options for `navigator.credentials.get`. Without `allow` whoever holds a passkey of this site may
 * choose one: nobody is asked for a name, and nobody learns which there are.
 */
export function assertionOptions(
  { rpId }: Site,
  { challenge, allow = [] }: { challenge: string; allow?: readonly string[] },
) {
  return generateAuthenticationOptions({
    rpID: rpId,
    challenge: octetsOf(challenge),
    timeout: challengeMs,
    userVerification: 'required',
    allowCredentials: allow.map((id) => ({ id })),
  })
}

/**
 * Verifies what `create` answered (WebAuthn section 7.1): our challenge, origin and RP ID, the
 * person there and verified. Refusal PROOF_INVALID.
 */
export function verifyRegistration(
  { rpId, origin }: Site,
  { response, challenge }: { response: RegistrationAnswer; challenge: string },
): Promise<NewPasskey> {
  return orInvalid(async () => {
    const { registrationInfo } = await verifyRegistrationResponse({
      response: { ...response, clientExtensionResults: {} } as RegistrationResponseJSON,
      expectedChallenge: challenge,
      expectedOrigin: origin,
      expectedRPID: rpId,
      requireUserVerification: true,
      supportedAlgorithmIDs: algorithms,
    })
    if (!registrationInfo) return undefined
    const { credential, credentialBackedUp } = registrationInfo
    const { id, publicKey, counter } = credential
    const transports = (credential.transports ?? []).filter((one) => /^[a-z-]{1,16}$/.test(one))
    return { id, publicKey, counter, transports, backedUp: credentialBackedUp }
  })
}

/**
 * Verifies what `get` answered (WebAuthn section 7.2) by the key that is known: our challenge,
 * origin and RP ID, the person there and verified, and a counter that has gone on, where there is
 * one. Answers the new counter. Refusal PROOF_INVALID.
 */
export function verifyPasskey(
  { rpId, origin }: Site,
  given: {
    readonly response: AssertionAnswer
    readonly challenge: string
    readonly passkey: KnownPasskey
    /** Whose it is said to be, where the authenticator says it. */
    readonly userId: string
  },
): Promise<{ counter: number; backedUp: boolean }> {
  const { response, challenge, passkey, userId } = given
  return orInvalid(async () => {
    const { userHandle } = response.response
    if (userHandle && Buffer.from(userHandle, 'base64url').toString() !== userId) return undefined
    const { id, publicKey, counter } = passkey
    const { verified, authenticationInfo } = await verifyAuthenticationResponse({
      response: { ...response, clientExtensionResults: {} } as AuthenticationResponseJSON,
      expectedChallenge: challenge,
      expectedOrigin: origin,
      expectedRPID: rpId,
      credential: { id, publicKey: new Uint8Array(publicKey), counter },
      requireUserVerification: true,
    })
    if (!verified || authenticationInfo.credentialID !== id) return undefined
    const { newCounter, credentialBackedUp } = authenticationInfo
    return { counter: newCounter, backedUp: credentialBackedUp }
  })
}

/** The challenge that a browser says it was given. Refusal PROOF_INVALID for what says none. */
export function challengeOf(response: { response: { clientDataJSON: string } }): string {
  try {
    const text = Buffer.from(response.response.clientDataJSON, 'base64url').toString()
    const { challenge } = JSON.parse(text) as { challenge?: unknown }
    if (typeof challenge === 'string') return challenge
  } catch {
    // told below, without what was in it
  }
  throw new Refusal('PROOF_INVALID')
}

/** The library throws whatever the octets of a stranger made it throw: to us it is one answer. */
async function orInvalid<Verified>(verify: () => Promise<Verified | undefined>): Promise<Verified> {
  const verified = await verify().catch(() => undefined)
  if (verified === undefined) throw new Refusal('PROOF_INVALID')
  return verified
}

function octetsOf(challenge: string) {
  const octets = fromBase64url(challenge)
  if (!octets) throw new TypeError('a challenge is base64url')
  return octets
}
