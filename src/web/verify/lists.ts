import type { Instant } from '../../base/clock.ts'
import { type PublicJwk, thumbprintText } from '../../formats/jwk.ts'
import type { CachedStatusList, OfflineCache } from '../../formats/offline-check.ts'
import { verifyStatusList } from '../../formats/status-list.ts'
import type { KnownTrustList, TrustedNode, TrustList } from '../../formats/trust-list.ts'
import { verifyTrustList } from '../../formats/verify-trust-list.ts'
import { sha256, verifyEs256 } from '../parts/device-key.ts'
import { keep, recall } from '../parts/kept.ts'
import { now } from '../parts/server-clock.ts'

/** Lists as they were fetched: texts, verified again whenever they are read. Nothing is secret. */
interface Fetched {
  /** The roots that this browser has met first: it takes no other. */
  readonly roots: readonly PublicJwk[]
  readonly trustList: string
  readonly known: KnownTrustList
  readonly statusLists: readonly { readonly uri: string; readonly token: string }[]
  readonly at: Instant
}

/** Everything that checking needs without a network, and how old it is. */
export interface Lists {
  readonly cache: OfflineCache
  readonly nodes: readonly TrustedNode[]
  readonly at: Instant
}

const keptName = 'lists'
const skewSeconds = 90
const maxStatusLists = 200

/** The lists that this browser keeps, verified. `undefined` before the first visit online. */
export async function keptLists(): Promise<Lists | undefined> {
  const fetched = await recall<Fetched>(keptName)
  return fetched && opened(fetched)
}

/** Fetches what is newer, and keeps it. Throws when there is no network, or a list is refused. */
export async function freshLists(): Promise<Lists> {
  const before = await recall<Fetched>(keptName)
  const roots = before?.roots ?? (await json<{ keys: PublicJwk[] }>('/trust-roots')).keys
  const trustList = await text('/trust-list')
  const { list, known } = await readTrustList(trustList, roots, before?.known ?? 'none')
  const statusLists: { uri: string; token: string }[] = []
  for (const node of list.nodes) {
    for (const uri of await statusListsOf(node)) {
      if (statusLists.length >= maxStatusLists) break
      const token = await text(uri).catch(() => undefined)
      if (token !== undefined) statusLists.push({ uri, token })
    }
  }
  const fetched = { roots, trustList, known, statusLists, at: now() }
  const lists = await opened(fetched)
  await keep(keptName, fetched)
  return lists
}

async function opened({ roots, trustList, known, statusLists, at }: Fetched): Promise<Lists> {
  const { list } = await readTrustList(trustList, roots, known)
  const byUri = new Map<string, CachedStatusList>()
  for (const { uri, token } of statusLists) {
    const node = list.nodes.find(({ url }) => uri.startsWith(`${url}/`))
    const read = node && (await readStatusList(token, uri, node).catch(() => undefined))
    if (read) byUri.set(uri, read)
  }
  const cache: OfflineCache = {
    trustList: list,
    statusList: ({ url }, number) => byUri.get(`${url}/status/${number}`),
  }
  return { cache, nodes: list.nodes, at }
}

function readTrustList(
  compact: string,
  roots: readonly PublicJwk[],
  known: 'none' | KnownTrustList,
): Promise<{ list: TrustList; known: KnownTrustList }> {
  return verifyTrustList({ sha256, verifyEs256 }, compact, {
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

async function readStatusList(
  token: string,
  uri: string,
  node: TrustedNode,
): Promise<CachedStatusList> {
  const read = await verifyStatusList({ verifyEs256, inflate }, token, {
    uri,
    clock: { nowSeconds: now() / 1000, skewSeconds },
    trust: ({ kid }) => {
      const keys = node.services
        .filter(({ role, status }) => {
          return (role === 'status' || role === 'issuer') && status === 'granted'
        })
        .flatMap((service) => service.keys)
      const key = keys.find((one) => thumbprintText(sha256, one) === kid)
      if (!key) throw new Error('the status list is not by a key of its node')
      return key
    },
  })
  const expires = (read.expiresSeconds ?? read.issuedSeconds + 86_400) * 1000
  return { list: read.list, expires }
}

async function statusListsOf({ url }: TrustedNode): Promise<readonly string[]> {
  const answer = await json<{ status_lists: string[] }>(`${url}/status`).catch(() => undefined)
  return (answer?.status_lists ?? []).filter((uri) => uri.startsWith(`${url}/status/`))
}

/** ZLIB by the browser, and no more of it than `max` octets. */
async function inflate(deflated: Uint8Array<ArrayBuffer>, max: number): Promise<Uint8Array> {
  const stream = new Blob([deflated]).stream().pipeThrough(new DecompressionStream('deflate'))
  const reader = stream.getReader()
  const parts: Uint8Array[] = []
  let length = 0
  for (;;) {
    const { done, value } = await reader.read()
    if (done) break
    length += value.length
    if (length > max) {
      await reader.cancel()
      throw new Error('more than is allowed')
    }
    parts.push(value)
  }
  const whole = new Uint8Array(length)
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

async function text(url: string): Promise<string> {
  const answer = await fetch(url, { credentials: 'omit', cache: 'no-cache' })
  if (!answer.ok) throw new Error(`${url} answered ${answer.status}`)
  return (await answer.text()).trim()
}

async function json<T>(url: string): Promise<T> {
  return JSON.parse(await text(url)) as T
}
