import { utf8 } from '../../src/base/bytes.ts'
import { sha256 } from '../../src/base/sha256.ts'
import { must, openShop } from '../../src/cli/demo/desk.ts'
import { parsePolicy } from '../../src/formats/tlog/policy.ts'
import {
  codeText,
  encodeVoucherCode,
  signedOctets,
  stepAt,
} from '../../src/formats/voucher-code.ts'
import type { PeerGround } from '../../src/jobs/ask-home.ts'
import { takeTrustList } from '../../src/jobs/trust-refresh.ts'
import { type Authority, makeRoot } from '../../src/keys/certificates.ts'
import { databaseSources } from '../../src/ledger/log-source.ts'
import { reconcile } from '../../src/ledger/reconcile.ts'
import { reconcilePeer } from '../../src/ledger/reconcile-peer.ts'
import { verifyLogs } from '../../src/ledger/verify.ts'
import { readSnapshot } from '../../src/store/snapshot.ts'
import type { Store } from '../../src/store/store.ts'
import {
  entryOf,
  nextTrustList,
  signTrustList,
  type TrustEntry,
} from '../../src/trust/publish-list.ts'
import { foundedAt } from './deployment.ts'
import type { Engine } from './engines.ts'
import { startServer, type TestServer } from './server.ts'
import {
  benefit,
  counties,
  desk,
  importRoster,
  phone,
  plantTree,
  programme,
  roster,
  till,
} from './union.ts'

interface Peer extends Pick<Parameters<typeof startServer>[1] & {}, 'witnesses' | 'peerWitnesses'> {
  readonly engine: Engine
  readonly watch?: (store: Store) => Store
}

/** Two nodes of one root that know each other: a shop's, and the members'. */
export async function openPeers(at: Peer, of: Peer) {
  const root = await makeRoot('national', foundedAt)
  const gs = { number: 62, code: 'gs', nameZh: '甘肃省总工会', root }
  const shop = await startServer(at.engine, { ...at, as: gs })
  const home = await startServer(of.engine, { ...of, as: { root } })
  const lists = listKeeper(root)
  await lists.publish([shop, home])

  await plantTree(shop)
  const shopDesk = await desk(shop)
  const place = { name: '面馆', category: 'catering', now: shop.now }
  const store = await openShop(shop, shopDesk.ask, place)
  const counter = await till(shop, shopDesk.ask, store.storeId)

  await plantTree(home)
  const homeDesk = await desk(home)
  const { people, csv } = roster(counties[0], 3)
  await importRoster(home, homeDesk, { org: counties[0], file: csv })
  const programmeId = await programme(home, homeDesk.ask)
  const member = await phone(home, homeDesk.ask, people[0]!.memberNo)
  return { root, lists, shop, home, shopDesk, store, counter, homeDesk, programmeId, member }
}

/** A benefit of the members' node in force; by default the shop's node is let in. */
export async function openBenefit(
  { homeDesk, programmeId }: Peers,
  changes: object = {},
  rules: readonly object[] = [
    { target: 'category', value: 'catering' },
    { target: 'node', value: '62' },
  ],
): Promise<string> {
  const { ask } = await homeDesk.signIn()
  const id = await benefit(ask, programmeId, { cap: { count: 20, per: 'ever' }, ...changes })
  await must(ask('PUT', `/admin/benefits/${id}/acceptance`, { rules }))
  return id
}

/** The member's code for a voucher, which says that it is of that node. */
export function codeOf({ member, home }: Peers, node: number, voucher: string): string {
  const content = { node, voucher, keyTag: member.device.key_tag, step: stepAt(home.now) }
  return codeText(encodeVoucherCode(content, member.key.sign(signedOctets(content))))
}

/** What a server's jobs and terminals ask others with. */
export function groundOf(server: TestServer): PeerGround {
  const { node, keyring } = server.deployment
  return {
    ...{ store: server.store, node, roles: keyring.roles, trustRoots: keyring.trustRoots },
    ...{ publicUrl: server.url, clock: server.clock, peerWitnesses: undefined },
  }
}

/** The books of each joined with the log of the other. */
export async function joined({ shop, home }: Peers) {
  const look = async (from: TestServer, at: TestServer) => {
    const sources = await databaseSources(at.store.read)
    const given = { peer: at.deployment.node.number, policy: policyOf(at), now: from.now }
    return reconcilePeer(from.store.read, { ...given, sources })
  }
  return { shop: await look(shop, home), home: await look(home, shop) }
}

/** What the auditor finds at a node, and which equations do not hold. */
export async function verified({ deployment, store, now }: TestServer) {
  const policy = policyOf({ deployment })
  const report = await readSnapshot(deployment.location, async (reader) =>
    verifyLogs(await databaseSources(reader), policy, { database: reader }),
  )
  const { equations } = await reconcile(store.read, now)
  return [...report.findings, ...equations.filter(({ good }) => !good)]
}

function policyOf({ deployment: { logs } }: Pick<TestServer, 'deployment'>) {
  const lines = logs.vkeys.map((vkey) => `log ${vkey}\n`)
  return parsePolicy(sha256, utf8(`${lines.join('')}quorum none\n`))
}

export type Peers = Awaited<ReturnType<typeof openPeers>>

/** Signs one list after another with a root, and puts each in force at every server. */
function listKeeper(root: Authority) {
  let previous: Parameters<typeof nextTrustList>[1]['previous']
  return {
    async publish(
      servers: readonly TestServer[],
      withdrawn: readonly TestServer[] = [],
      others: readonly TrustEntry[] = [],
    ) {
      const now = Math.max(...servers.map((server) => server.now))
      const list = nextTrustList(root, {
        ...{ operator: '全国总工会', previous, days: 30, now },
        entries: [...servers.filter((one) => !withdrawn.includes(one)).map(entryFor), ...others],
        withdrawn: withdrawn.map(({ url }) => url),
      })
      previous = list
      const token = await signTrustList(root, list)
      for (const { store, deployment, now: at } of servers) {
        await takeTrustList(store, { token, roots: deployment.keyring.trustRoots }, at)
      }
      return list
    },
  }
}

function entryFor({ url, deployment: { keyring, node, logs } }: TestServer) {
  const types = [`${url}/vct/union-membership/1`]
  return entryOf(keyring.roles, { ...node, url }, { vkeys: logs.vkeys, types })
}
