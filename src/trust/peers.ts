import { sha256 } from '../base/sha256.ts'
import { thumbprintText } from '../formats/jwk.ts'
import type { TrustedNode, TrustRole } from '../formats/trust-list.ts'
import { type PublicJwk, spkiOf } from '../keys/es256.ts'
import { recentTrustLists } from './trust-lists.ts'
import type { TrustGround } from './trusted-signers.ts'

/** Another node, as the trust lists in force name it. */
export interface Peer {
  readonly number: number
  /** Its address, without a slash at the end. */
  readonly url: string
  readonly name: string
  /** Verifier keys of its logs: of every year, old and new. */
  readonly vkeys: readonly string[]
}

/** A peer that asks, with the key (DER) that its request must be signed with. */
export interface AskingPeer extends Peer {
  readonly spki: Uint8Array
}

/**
 * The node of that number whose vouchers may be redeemed here: listed, with a log that was not
 * withdrawn. `undefined` for any other, ourselves too.
 */
export async function peerByNumber(ground: TrustGround, number: number): Promise<Peer | undefined> {
  const node = (await listed(ground)).find((one) => one.number === number)
  const vkeys = node ? granted(node, 'log').flatMap((service) => service.vkeys) : []
  return node && vkeys.length > 0 ? peerOf(node, vkeys) : undefined
}

/** Other nodes with a role that was not withdrawn, by their numbers. */
export async function listedPeers(ground: TrustGround, role: TrustRole): Promise<Peer[]> {
  const nodes = (await listed(ground)).filter((node) => granted(node, role).length > 0)
  const peers = nodes.map((node) => [node.number, peerOf(node, [])] as const)
  return [...new Map(peers).values()].sort((one, other) => one.number - other.number)
}

/** The node whose `redeemer` key has this thumbprint (RFC 7638), unless the role was withdrawn. */
export async function peerByKey(ground: TrustGround, kid: string): Promise<AskingPeer | undefined> {
  for (const node of await listed(ground)) {
    const keys: readonly PublicJwk[] = granted(node, 'redeemer').flatMap((one) => one.keys)
    const key = keys.find((jwk) => thumbprintText(sha256, jwk) === kid)
    const spki = key && spkiOf(key)
    if (!spki) continue
    const vkeys = granted(node, 'log').flatMap((service) => service.vkeys)
    return { ...peerOf(node, vkeys), spki }
  }
  return undefined
}

/** Nodes of lists that are not past their time, without ourselves. */
async function listed(ground: TrustGround): Promise<readonly TrustedNode[]> {
  const { store, trustRoots, publicUrl, clock } = ground
  const lists = await recentTrustLists(store.read, trustRoots)
  return lists
    .filter(({ list }) => clock() <= list.nextUpdate)
    .flatMap(({ list }) => list.nodes)
    .filter(({ url }) => url !== publicUrl)
}

function granted({ services }: TrustedNode, wanted: TrustRole): TrustedNode['services'] {
  return services.filter(({ role, status }) => role === wanted && status === 'granted')
}

function peerOf({ number, url, names }: TrustedNode, vkeys: readonly string[]): Peer {
  return { number, url: url.replace(/\/+$/, ''), name: names[0]?.value ?? url, vkeys }
}
