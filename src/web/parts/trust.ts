import type { Instant } from '../../base/clock.ts'
import { type PublicJwk, thumbprintText } from '../../formats/jwk.ts'
import type { KnownTrustList, TrustedNode, TrustList, TrustRole } from '../../formats/trust-list.ts'
import { verifyTrustList } from '../../formats/verify-trust-list.ts'
import { sha256, verifyEs256 } from './device-key.ts'
import { keep, recall } from './kept.ts'
import { learnTime, now } from './server-clock.ts'

/** A trust list as it was fetched: verified again whenever it is read. Nothing is secret. */
interface Kept {
  /** The roots that this browser has met first: it takes no other. */
  readonly roots: readonly PublicJwk[]
  readonly token: string
  readonly known: KnownTrustList
}

const keptName = 'trust list'
const skewSeconds = 90

/** The list that this browser keeps, if it is still in force. */
export async function keptTrustList(): Promise<TrustList | undefined> {
  const kept = await recall<Kept>(keptName)
  if (!kept) return undefined
  return (await verified(kept.token, kept.roots, kept.known)).list
}

/**
 * Fetches the list, and keeps it. Throws when there is no network, or the list is older than the
 * one that is known, forked, stale, or not by a root that was pinned.
 */
export async function freshTrustList(): Promise<TrustList> {
  const before = await recall<Kept>(keptName)
  const met = await fetchJson<{ keys: PublicJwk[]; server_time: Instant }>('/trust-roots')
  learnTime(met.server_time) // a list is in force for a time, and phones' clocks are wrong
  const roots = before?.roots ?? met.keys
  const token = await fetchText('/trust-list')
  const { list, known } = await verified(token, roots, before?.known ?? 'none')
  await keep(keptName, { roots, token, known } satisfies Kept)
  return list
}

/** The node that has this key for one of these roles, granted. */
export function nodeWithKey(
  { nodes }: TrustList,
  key: PublicJwk,
  roles: readonly TrustRole[],
): TrustedNode | undefined {
  const wanted = thumbprintText(sha256, key)
  return nodes.find(({ services }) =>
    services.some(
      ({ role, status, keys }) =>
        roles.includes(role) &&
        status === 'granted' &&
        keys.some((each) => thumbprintText(sha256, each) === wanted),
    ),
  )
}

/** What is served at an address, without anybody's cookies. Throws unless it is there. */
export async function fetchText(url: string): Promise<string> {
  const answer = await fetch(url, { credentials: 'omit', cache: 'no-cache' })
  if (!answer.ok) throw new Error(`${url} answered ${answer.status}`)
  return (await answer.text()).trim()
}

/** The same, read as JSON. */
export async function fetchJson<T>(url: string): Promise<T> {
  return JSON.parse(await fetchText(url)) as T
}

function verified(token: string, roots: readonly PublicJwk[], known: 'none' | KnownTrustList) {
  return verifyTrustList({ sha256, verifyEs256 }, token, {
    trust: ({ kid }) => {
      const root = roots.find((key) => thumbprintText(sha256, key) === kid)
      if (!root) throw new Error('the list is not by a root that is pinned here')
      return root
    },
    known,
    now: now(),
    skewSeconds,
  })
}
