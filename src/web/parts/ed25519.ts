import { type Bytes, concat } from '../../base/bytes.ts'
import { verifyEd25519Plainly } from '../../formats/ed25519.ts'

/**
 * Verifies an Ed25519 signature (RFC 8032) by the platform where it can, which browsers before 2025
 * cannot, or by our own arithmetic. The one hash that this takes is the platform's: a library's
 * SHA-512 would weigh on every page's first load.
 */
export async function verifyEd25519(
  publicKey: Bytes,
  message: Bytes,
  signature: Bytes,
): Promise<boolean> {
  try {
    const key = await crypto.subtle.importKey('raw', publicKey, 'Ed25519', false, ['verify'])
    return await crypto.subtle.verify('Ed25519', key, signature, message)
  } catch {
    // RFC 8032 section 5.1.7: SHA-512 of R, the key and the message.
    const hashed = concat(signature.subarray(0, 32), publicKey, message)
    const digest = new Uint8Array(await crypto.subtle.digest('SHA-512', hashed))
    return verifyEd25519Plainly(() => digest, publicKey, message, signature)
  }
}
