import { bucketOf, type Random } from '../base/id.ts'

/**
 * A new voucher handle: 32 hexadecimal digits, random but for the first three, which are the
 * bucket of the person it is for, so that a code leads to its shard without a look-up.
 */
export function newHandle(bucket: number, random: Random): string {
  const digits = Buffer.from(random(16)).toString('hex')
  return bucket.toString(16).padStart(3, '0') + digits.slice(3)
}

/** The bucket that a handle names. */
export const bucketOfHandle: (handle: string) => number = bucketOf
