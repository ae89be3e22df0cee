import { eq } from 'drizzle-orm'

import type { Instant } from '../base/clock.ts'
import { type Random, systemRandom } from '../base/id.ts'
import type { Store, Tx } from '../store/store.ts'
import { deriveKey, seal, unseal } from './seal.ts'

/** What domain code must know of the deployment it runs in. Never logged, never sent. */
export interface ThisNode {
  /** Two octets in every voucher code. */
  readonly number: number
  readonly code: string
  readonly nameZh: string
  /** Seals personal data and what the node may disclose. */
  readonly sealing: Uint8Array
  /** Keys the hashes by which numbers and secrets are looked up. */
  readonly hashing: Uint8Array
  /** Wraps the members' own data keys. */
  readonly wrapping: Uint8Array
  /** Authenticates our own access tokens. */
  readonly tokens: Uint8Array
  /** Ed25519 seed: signs the promise that a leaf will be logged. */
  readonly promising: Uint8Array
}

interface Founding {
  readonly number: number
  readonly code: string
  readonly nameZh: string
}

const people = 'people'

/** Writes the node's row and its data key, wrapped by `master`. Once: a second time is an error. */
export async function foundNode(
  tx: Tx,
  founding: Founding,
  master: Uint8Array,
  now: Instant,
  random: Random = systemRandom,
): Promise<void> {
  const { node, dataKeys } = tx.tables
  await tx.insert(node).values({ id: 1, ...founding, createdAt: now })
  const wrapped = seal(deriveKey(master, 'wrap'), random(32), people)
  await tx.insert(dataKeys).values({ purpose: people, wrapped })
}

/** Reads the node's row and unwraps its keys. A wrong `master` is an Error. */
export async function readNode(store: Store, master: Uint8Array): Promise<ThisNode> {
  const { node, dataKeys } = store.read.tables
  const [row] = await store.read.select().from(node)
  const [key] = await store.read.select().from(dataKeys).where(eq(dataKeys.purpose, people))
  if (!row || !key) throw new Error('the database has no node: symbolon found makes one')
  const data = unseal(deriveKey(master, 'wrap'), key.wrapped, people)
  return {
    number: row.number,
    code: row.code,
    nameZh: row.nameZh,
    sealing: deriveKey(data, 'sealing'),
    hashing: deriveKey(data, 'hashing'),
    wrapping: deriveKey(master, 'members'),
    tokens: deriveKey(master, 'tokens'),
    promising: deriveKey(master, 'promises'),
  }
}
