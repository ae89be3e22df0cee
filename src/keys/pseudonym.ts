import { createCipheriv, createDecipheriv } from 'node:crypto'

import { deriveKey } from './seal.ts'
import type { ThisNode } from './this-node.ts'

const uuidForm = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/
const pseudonymForm = /^s-[0-9a-f]{32}$/

/**
 * The name under which auditors meet a member: `s-` and 32 hexadecimal digits. The member's id is
 * one block of AES, so nothing is stored and nobody without the node's key comes back from it. The
 * same for all auditors of the node, who must be able to speak about one case. TypeError for what
 * is no UUID.
 */
export function pseudonymOf(node: ThisNode, memberId: string): string {
  if (!uuidForm.test(memberId)) throw new TypeError('a member has a UUID')
  const cipher = createCipheriv('aes-256-ecb', keyOf(node), null).setAutoPadding(false)
  const block = Buffer.from(memberId.replaceAll('-', ''), 'hex')
  return `s-${Buffer.concat([cipher.update(block), cipher.final()]).toString('hex')}`
}

/** The id behind a pseudonym, which may be nobody's; `undefined` for what has not its form. */
export function memberBehind(node: ThisNode, pseudonym: string): string | undefined {
  if (!pseudonymForm.test(pseudonym)) return undefined
  const decipher = createDecipheriv('aes-256-ecb', keyOf(node), null).setAutoPadding(false)
  const block = Buffer.from(pseudonym.slice(2), 'hex')
  const hex = Buffer.concat([decipher.update(block), decipher.final()]).toString('hex')
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}

const keys = new WeakMap<ThisNode, Uint8Array>()

function keyOf(node: ThisNode): Uint8Array {
  const known = keys.get(node) ?? deriveKey(node.hashing, 'audit pseudonyms')
  keys.set(node, known)
  return known
}
