import { fromHex } from '../base/bytes.ts'
import { sha256 } from '../base/sha256.ts'

/**
 * How the log names a voucher: the first 16 octets of SHA-256 of its handle. Never the handle
 * itself, whose first bits are a person's bucket. `handle` is 32 hexadecimal digits.
 */
export function voucherDigest(handle: string): Uint8Array {
  const bytes = fromHex(handle)
  if (bytes?.length !== 16) throw new TypeError('a voucher handle has 32 hexadecimal digits')
  return sha256(bytes).subarray(0, 16)
}
