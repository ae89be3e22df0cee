// node offline-process.ts FOLDER: checks what is in cases.json with the lists beside it, as a
// merchant's device does that has been online before, and writes the answers as JSON.
import { readdirSync, readFileSync } from 'node:fs'
import { networkInterfaces } from 'node:os'
import { join } from 'node:path'
import { inflateSync } from 'node:zlib'

import { sha256 } from '../../src/base/sha256.ts'
import { type PublicJwk, thumbprintText } from '../../src/formats/jwk.ts'
import {
  type CachedStatusList,
  checkOffline,
  type OfflineQuestion,
} from '../../src/formats/offline-check.ts'
import { verifyStatusList } from '../../src/formats/status-list.ts'
import type { TrustedNode, TrustList } from '../../src/formats/trust-list.ts'
import { verifyTrustList } from '../../src/formats/verify-trust-list.ts'
import { verifyWithJwk } from '../../src/keys/verify-jwk.ts'

/** What the test hands over. */
export interface OfflineCase {
  readonly scanned: string
  readonly question: OfflineQuestion
  /** The trust list's file. */
  readonly trustList: string
}

const folder = process.argv[2] ?? ''
const read = (name: string) => readFileSync(join(folder, name), 'utf8')
const root = JSON.parse(read('root.json')) as PublicJwk
const crypto = { sha256, verifyEs256: verifyWithJwk }

async function trusted(file: string, now: number): Promise<TrustList> {
  const policy = { trust: () => root, known: 'none', now, skewSeconds: 90 } as const
  return (await verifyTrustList(crypto, read(file), policy)).list
}

/** Every list of the folder that its node has signed and that is in force, by its address. */
async function statusLists({ nodes }: TrustList, now: number) {
  const lists = new Map<string, CachedStatusList>()
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.statuslist'))) {
    const [uri = '', token = ''] = read(file).split('\n')
    const node = nodes.find(({ url }) => uri.startsWith(`${url}/status/`))
    if (!node) continue
    const verified = await verifyStatusList(
      {
        verifyEs256: verifyWithJwk,
        inflate: (octets, maxOutputLength) => inflateSync(octets, { maxOutputLength }),
      },
      token,
      {
        uri,
        clock: { nowSeconds: now / 1000, skewSeconds: 90 },
        trust: ({ kid }) => signerOf(node, kid),
      },
    ).catch(() => undefined)
    if (!verified) continue
    lists.set(uri, { list: verified.list, expires: (verified.expiresSeconds ?? 0) * 1000 })
  }
  return lists
}

function signerOf({ services }: TrustedNode, kid: string | undefined): PublicJwk {
  const keys = services.flatMap((service) =>
    ['status', 'issuer'].includes(service.role) ? service.keys : [],
  )
  const key = keys.find((each) => thumbprintText(sha256, each) === kid)
  if (!key) throw new Error('a list is signed by no key of its node')
  return key
}

const answers: string[] = []
for (const { scanned, question, trustList } of JSON.parse(read('cases.json')) as OfflineCase[]) {
  const list = await trusted(trustList, question.now)
  const lists = await statusLists(list, question.now)
  const statusList = ({ url }: TrustedNode, number: number) => lists.get(`${url}/status/${number}`)
  const answer = await checkOffline(crypto, scanned, { trustList: list, statusList }, question)
  answers.push(answer.code)
}
const reached = await fetch(read('node-url.txt')).then(
  () => true,
  () => false,
)
process.stdout.write(
  JSON.stringify({ answers, reached, interfaces: Object.keys(networkInterfaces()) }),
)
