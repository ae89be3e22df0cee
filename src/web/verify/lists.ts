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

/**
 * Fetches what is newer, and keeps it, and of what does not come now what there was. Throws when
 * there is no network, or the trust list is refused.
 */
export async function freshLists(): Promise<Lists> {
  const trustList = await freshTrustList()
  const before = await recall<Fetched>(keptName)
  const known = new Map(before?.statusLists.map(({ uri, token }) => [uri, token]))
  const statusLists: { uri: string; token: string }[] = []
  let whole = true
  for (const node of trustList.nodes) {
    const listed = await statusListsOf(node)
    whole &&= listed !== undefined
    const ofNode = listed ?? [...known.keys()].filter((uri) => isListOf(node, uri))
    for (const uri of ofNode) {
      if (statusLists.length >= maxStatusLists) break
      const fetched = listed && (await fetchText(uri).catch(() => undefined))
      whole &&= fetched !== undefined
      const token = fetched ?? known.get(uri)
      if (token !== undefined) statusLists.push({ uri, token })
    }
  }
  const kept = { statusLists, at: whole || !before ? now() : before.at }
  await keep(keptName, kept)
  return opened(trustList, kept)
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

/** Where a node says that its lists are; `undefined` when it does not answer. */
async function statusListsOf(node: TrustedNode): Promise<readonly string[] | undefined> {
  const asked = fetchJson<{ status_lists: string[] }>(`${node.url}/status`)
  const answer = await asked.catch(() => undefined)
  return answer?.status_lists?.filter((uri) => isListOf(node, uri))
}

function isListOf({ url }: TrustedNode, uri: string): boolean {
  return uri.startsWith(`${url}/status/`)
}
