import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto'

/** What a test makes wrong about an answer. */
export interface Wrong {
  readonly origin?: string
  readonly rpId?: string
  readonly challenge?: string
  /** The holder was not asked for a finger or a PIN. */
  readonly unverified?: boolean
  readonly type?: string
  /** What the counter says, instead of one more. */
  readonly counter?: number
  readonly userHandle?: string
}

interface Options {
  readonly challenge: string
  readonly rp?: { readonly id: string }
  readonly rpId?: string
  readonly user?: { readonly id: string }
}

const flags = { present: 1, verified: 4, attested: 64 }
const sha256 = (data: Uint8Array | string) => createHash('sha256').update(data).digest()
const base64url = (data: Uint8Array) => Buffer.from(data).toString('base64url')

/**
 * An authenticator in software, with a browser around it: makes one credential (ES256, attestation
 * "none") and assertions by it, as WebAuthn Level 3 has them in JSON.
 */
export class Authenticator {
  readonly id = base64url(randomBytes(32))
  readonly origin: string
  counter: number
  private readonly key: { publicKey: KeyObject; privateKey: KeyObject }
  private userId = ''

  /** `counter` 0 does not count, as passkeys that are synchronized do not. */
  constructor(origin: string, { counter = 1 } = {}) {
    this.origin = new URL(origin).origin
    this.counter = counter
    this.key = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  }

  /** What `navigator.credentials.create` answers. */
  create(options: unknown, wrong: Wrong = {}) {
    const { challenge, rp, user } = options as Options
    this.userId = user?.id ?? ''
    const credential = Buffer.concat([
      Buffer.alloc(16),
      Buffer.from([0, 32]),
      Buffer.from(this.id, 'base64url'),
      this.coseKey(),
    ])
    const authData = Buffer.concat([
      this.head(wrong.rpId ?? rp?.id ?? '', flags.attested, wrong),
      credential,
    ])
    const attestationObject = cborMap([
      [cborText('fmt'), cborText('none')],
      [cborText('attStmt'), cborMap([])],
      [cborText('authData'), cborBytes(authData)],
    ])
    return {
      ...{ id: this.id, rawId: this.id, type: 'public-key' as const, clientExtensionResults: {} },
      response: {
        clientDataJSON: this.clientData(wrong.type ?? 'webauthn.create', challenge, wrong),
        attestationObject: base64url(attestationObject),
        transports: ['internal'],
      },
    }
  }

  /** What `navigator.credentials.get` answers. */
  get(options: unknown, wrong: Wrong = {}) {
    const { challenge, rpId } = options as Options
    if (this.counter > 0) this.counter++
    const authData = this.head(wrong.rpId ?? rpId ?? '', 0, wrong)
    const clientDataJSON = this.clientData(wrong.type ?? 'webauthn.get', challenge, wrong)
    const signed = Buffer.concat([authData, sha256(Buffer.from(clientDataJSON, 'base64url'))])
    return {
      ...{ id: this.id, rawId: this.id, type: 'public-key' as const, clientExtensionResults: {} },
      response: {
        clientDataJSON,
        authenticatorData: base64url(authData),
        signature: base64url(sign('sha256', signed, this.key.privateKey)),
        userHandle: wrong.userHandle ?? this.userId,
      },
    }
  }

  private head(rpId: string, more: number, { unverified, counter }: Wrong): Buffer {
    const count = Buffer.alloc(4)
    count.writeUInt32BE(counter ?? this.counter)
    const seen = flags.present | (unverified ? 0 : flags.verified) | more
    return Buffer.concat([sha256(rpId), Buffer.from([seen]), count])
  }

  private clientData(type: string, challenge: string, wrong: Wrong): string {
    const origin = wrong.origin ?? this.origin
    const data = { type, challenge: wrong.challenge ?? challenge, origin, crossOrigin: false }
    return base64url(Buffer.from(JSON.stringify(data)))
  }

  /** COSE_Key (RFC 9053 section 7.1): EC2, ES256, P-256. */
  private coseKey(): Buffer {
    const { x = '', y = '' } = this.key.publicKey.export({ format: 'jwk' })
    const bytes = (text: string) => cborBytes(Buffer.from(text, 'base64url'))
    return cborMap([
      [Buffer.from([0x01]), Buffer.from([0x02])],
      [Buffer.from([0x03]), Buffer.from([0x26])],
      [Buffer.from([0x20]), Buffer.from([0x01])],
      [Buffer.from([0x21]), bytes(x)],
      [Buffer.from([0x22]), bytes(y)],
    ])
  }
}

function cborMap(pairs: readonly (readonly [Buffer, Buffer])[]): Buffer {
  return Buffer.concat([Buffer.from([0xa0 | pairs.length]), ...pairs.flat()])
}

function cborText(text: string): Buffer {
  return Buffer.from([0x60 | text.length, ...Buffer.from(text)])
}

/** A byte string with the shortest length there is, as CTAP2 wants it. */
function cborBytes(bytes: Buffer): Buffer {
  const { length } = bytes
  const head = length < 256 ? [0x58, length] : [0x59, length >> 8, length & 255]
  return Buffer.concat([Buffer.from(head), bytes])
}
