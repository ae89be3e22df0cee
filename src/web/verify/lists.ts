import type { Instant } from '../../base/clock.ts'
import { thumbprintText } from '../../formats/jwk.ts'
import type { CachedStatusList, OfflineCache } from '../../formats/offline-check.ts'
import { verifyStatusList } from '../../formats/status-list.ts'
import type { TrustedNode, TrustList } from '../../formats/trust-list.ts'
import { sha256, verifyEs256 } from '../parts/device-key.ts'
import { keep, recall } from '../parts/kept.ts'
import { now } from '../parts/server-clock.ts'
import { fetchJson, fetchText, freshTrustList, keptTrustList } from '../parts/trust.ts'
import { inflate } from './inflate.ts'

/** Status lists as they were fetched: verified again whenever they are read. */
interface Fetched {
  readonly statusLists: readonly { readonly uri: string; readonly token: string }[]
  readonly at: Instant
}

/** Everything that checking needs without a network, and how old it is. */
export interface Lists {
  readonly cache: OfflineCache
  readonly nodes: readonly TrustedNode[]
  readonly at: Instant
}

const keptName = 'status lists'
const skewSeconds = 90
const maxStatusLists = 200

/** The lists that this browser keeps, verified. `undefined` before the first visit online. */
export async function keptLists(): Promise<Lists | undefined> {
  const trustList = await keptTrustList()
  const fetched = await recall<Fetched>(keptName)
  return trustList && fetched && opened(trustList, fetched)
}

/** Fetches what is newer, and keeps it. Throws when there is no network, or a list is refused. */
export async function freshLists(): Promise<Lists> {
  const trustList = await freshTrustList()
  const statusLists: { uri: string; token: string }[] = []
  for (const node of trustList.nodes) {
    for (const uri of await statusListsOf(node)) {
      if (statusLists.length >= maxStatusLists) break
      const token = await fetchText(uri).catch(() => undefined)
      if (token !== undefined) statusLists.push({ uri, token })
    }
  }
  const fetched = { statusLists, at: now() }
  await keep(keptName, fetched)
  return opened(trustList, fetched)
}

async function opened(trustList: TrustList, { statusLists, at }: Fetched): Promise<Lists> {
  const byUri = new Map<string, CachedStatusList>()
  for (const { uri, token } of statusLists) {
    const node = trustList.nodes.find(({ url }) => uri.startsWith(`${url}/`))
    const read = node && (await readStatusList(token, uri, node).catch(() => undefined))
    if (read) byUri.set(uri, read)
  }
  const cache: OfflineCache = {
    trustList,
    statusList: ({ url }, number) => byUri.get(`${url}/status/${number}`),
  }
  return { cache, nodes: trustList.nodes, at }
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
  const answer = await fetchJson<{ status_lists: string[] }>(`${url}/status`).catch(() => undefined)
  return (answer?.status_lists ?? []).filter((uri) => uri.startsWith(`${url}/status/`))
}
