import { type Bytes, fromBase64, toBase64, utf8 } from '../base/bytes.ts'

/** What a signature covers and says of itself (RFC 9421 section 2). */
export interface SignatureInput {
  /** The label that ties `Signature-Input` and `Signature` together. */
  readonly label: string
  /** Covered components, in the order they are signed. */
  readonly components: readonly string[]
  /** Seconds since 1970. */
  readonly created: number
  readonly keyId: string
  readonly nonce: string
  /** The serialized parameters, as they came: what the signature covers. */
  readonly parameters: string
}

/** A request as far as it is signed. Header names are lower case. */
export interface SignedRequest {
  readonly method: string
  /** The absolute address, from configuration and path: never from the Host header. */
  readonly targetUri: string
  readonly headers: Readonly<Record<string, string | undefined>>
}

const algorithm = 'ecdsa-p256-sha256'
const input =
  /^([a-z*][a-z0-9_.*-]*)=(\(((?:"[a-z0-9@-]+"(?: "[a-z0-9@-]+")*)?)\)((?:;[a-z*][a-z0-9_.*-]*(?:=(?:[0-9]{1,15}|"[\x20\x21\x23-\x5b\x5d-\x7e]*"))?)*))$/

/**
 * Reads a `Signature-Input` header with one ES256 signature. Anything else (several labels,
 * component parameters, a repeated or missing parameter, another algorithm) is `undefined`.
 */
export function readSignatureInput(header: string): SignatureInput | undefined {
  if (header.length > 2048) return undefined
  const match = input.exec(header.trim())
  if (!match) return undefined
  const [, label = '', parameters = '', list = '', rest = ''] = match
  const components = list === '' ? [] : list.split(' ').map((name) => name.slice(1, -1))
  const read = readParameters(rest)
  const { created, keyid, nonce, alg } = read ?? {}
  if (typeof created !== 'number' || typeof keyid !== 'string' || typeof nonce !== 'string') {
    return undefined
  }
  if (alg !== undefined && alg !== algorithm) return undefined
  if (new Set(components).size !== components.length) return undefined
  return { label, components, created, keyId: keyid, nonce, parameters }
}

/** The octets that the label's signature is, from a `Signature` header. */
export function readSignature(header: string, label: string): Bytes | undefined {
  const prefix = `${label}=:`
  const text = header.trim()
  if (text.length > 512 || !text.startsWith(prefix) || !text.endsWith(':')) return undefined
  return fromBase64(text.slice(prefix.length, -1))
}

/**
 * The signature base (RFC 9421 section 2.5). `undefined` when a covered component is not there, or
 * is one that we do not know.
 */
export function signatureBase(request: SignedRequest, signed: SignatureInput): Bytes | undefined {
  const lines: string[] = []
  for (const name of signed.components) {
    const value = componentValue(request, name)
    if (value === undefined) return undefined
    lines.push(`"${name}": ${value}`)
  }
  lines.push(`"@signature-params": ${signed.parameters}`)
  return utf8(lines.join('\n'))
}

/** The `Content-Digest` of a body (RFC 9530, sha-256). */
export function contentDigest(sha256: (bytes: Uint8Array) => Uint8Array, body: Uint8Array): string {
  return `sha-256=:${toBase64(sha256(body))}:`
}

/** The components that every signed request of ours must cover. */
export function requiredComponents(hasBody: boolean): readonly string[] {
  return hasBody
    ? ['@method', '@target-uri', 'content-digest', 'idempotency-key']
    : ['@method', '@target-uri']
}

/** The parameters of a signature to be made, for `signatureBase` and the header. */
export function makeSignatureInput(given: {
  readonly components: readonly string[]
  readonly created: number
  readonly keyId: string
  readonly nonce: string
}): SignatureInput {
  const list = given.components.map((name) => `"${name}"`).join(' ')
  const { created, keyId, nonce } = given
  const parameters = `(${list});created=${created};keyid="${keyId}";nonce="${nonce}";alg="${algorithm}"`
  return { ...given, label: 'sig1', parameters }
}

function componentValue(request: SignedRequest, name: string): string | undefined {
  if (name === '@method') return request.method
  if (name === '@target-uri') return request.targetUri
  if (name.startsWith('@')) return undefined
  return request.headers[name]?.trim()
}

function readParameters(text: string): Record<string, string | number> | undefined {
  const read: Record<string, string | number> = {}
  for (const [, key = '', value = ''] of text.matchAll(/;([^=;]+)=("[^"]*"|[0-9]+)/g)) {
    if (Object.hasOwn(read, key)) return undefined
    read[key] = value.startsWith('"') ? value.slice(1, -1) : Number(value)
  }
  return read
}
