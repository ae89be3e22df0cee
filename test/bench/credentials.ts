import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { compactVerify, importJWK } from 'jose'

import { day, second, systemClock } from '../../src/base/clock.ts'
import { sha256 } from '../../src/base/sha256.ts'
import type { JsonObject } from '../../src/formats/json.ts'
import { issueSdJwt } from '../../src/formats/sd-jwt/issue.ts'
import { presentSdJwt } from '../../src/formats/sd-jwt/present.ts'
import { verifySdJwt } from '../../src/formats/sd-jwt/verify.ts'
import { takeTrustList } from '../../src/jobs/trust-refresh.ts'
import { makeRoleKeys, makeRoot } from '../../src/keys/certificates.ts'
import { createKeyring } from '../../src/keys/keyring.ts'
import { newEs256Key } from '../../src/keys/sign-jws.ts'
import { verifyWithJwk } from '../../src/keys/verify-jwk.ts'
import { locate, openStore } from '../../src/store/open.ts'
import { entryOf, nextTrustList, signTrustList } from '../../src/trust/publish-list.ts'
import { trustedIssuer } from '../../src/trust/trusted-signers.ts'
import { random } from '../formats/es256.ts'
import { benchDatabase, type Engine, median } from './database.ts'

const presentations = 2000
/** Under way at a time: a phone at a counter, and a busy server. */
const lanes = { alone: 1, busy: 16 } as const
const issuer = 'https://union.example/nodes/gs'
const vct = `${issuer}/vct/union-membership/1`
const audience = 'x509_hash:bench'
const selective = {
  ...{ membership_number: 'T620100001', name: '李雷', name_masked: '李*', standing: 'active' },
  ...{ node: 'gs', region: '620100', joined_on: '2020-01-01', occupation_group: 'courier' },
  ...{ new_employment_form: true, hardship: false, model_worker: false, age_over_18: true },
  organisation: { code: '620100', name: '总工会', level: 'city' },
}

/**
 * Presentations of another node's members, each with a key of its own: `verifySdJwt` with the
 * certificate path and the trust list, disclosures and key binding, against `jose` that checks the
 * same two signatures and nothing else.
 */
export async function benchCredentials(engine: Engine, pairs: number) {
  const database = await benchDatabase(engine)
  const data = mkdtempSync(join(tmpdir(), 'symbolon-bench-'))
  const store = await openStore(locate(database.url, data))
  const { roles, root } = await otherNode(data)
  const now = systemClock()
  const roots = [root.certificate]
  const list = nextTrustList(root, {
    ...{ operator: 'bench', previous: undefined, withdrawn: [], days: 30, now },
    entries: [
      entryOf(roles, { url: issuer, number: 62, nameZh: '甘肃' }, { vkeys: [], types: [vct] }),
    ],
  })
  await takeTrustList(store, { token: await signTrustList(root, list), roots }, now)
  const publicUrl = 'https://union.example/nodes/nx'
  const trust = trustedIssuer({ store, trustRoots: roots, roles, publicUrl, clock: systemClock })
  const key = roles.current('issuer')
  const shown: string[] = []
  for (let i = 0; i < presentations; i++) shown.push(await presentation(key))

  const issuerKey = await importJWK({ ...key.jwk }, 'ES256')
  const bare = async (token: string) => {
    const parts = token.split('~')
    const { payload } = await compactVerify(parts[0] ?? '', issuerKey)
    const { cnf } = JSON.parse(new TextDecoder().decode(payload))
    await compactVerify(parts.at(-1) ?? '', await importJWK(cnf.jwk, 'ES256'))
  }
  const ours = (token: string) =>
    verifySdJwt({ sha256, verifyEs256: verifyWithJwk }, token, {
      ...{ types: [vct], algorithms: ['ES256'], trust, status: 'not-asked' },
      clock: { nowSeconds: Math.floor(systemClock() / second), skewSeconds: 60 },
      keyBinding: {
        ...{ audience, nonce: 'bench', windowSeconds: 3600 },
        transactionDataHashes: 'not-asked',
      },
    })
  for (const verify of [ours, bare]) await rate(shown, verify, lanes.busy) // warm
  const alone = await compare(shown, { ours, bare, pairs, inFlight: lanes.alone })
  const busy = await compare(shown, { ours, bare, pairs, inFlight: lanes.busy })
  await store.close()
  await database.stop()
  rmSync(data, { recursive: true })
  return {
    engine,
    ...busy,
    alone_ours: alone.ours,
    alone_floor: alone.floor,
    alone_ratio: alone.ratio,
    rss_mb: Math.round(process.memoryUsage().rss / 1e6),
  }
}

/** The median of interleaved pairs, presentations a second. */
async function compare(
  tokens: readonly string[],
  given: {
    readonly ours: (token: string) => Promise<unknown>
    readonly bare: (token: string) => Promise<unknown>
    readonly pairs: number
    readonly inFlight: number
  },
) {
  const runs: { ours: number; floor: number }[] = []
  for (let i = 0; i < given.pairs; i++) {
    const ours = await rate(tokens, given.ours, given.inFlight)
    runs.push({ ours, floor: await rate(tokens, given.bare, given.inFlight) })
  }
  return {
    ours: Math.round(median(runs.map((run) => run.ours))),
    floor: Math.round(median(runs.map((run) => run.floor))),
    ratio: Math.round(median(runs.map((run) => run.ours / run.floor)) * 100) / 100,
  }
}

async function otherNode(data: string) {
  const now = systemClock()
  const root = await makeRoot('bench', now)
  const roleKeys = await makeRoleKeys(root, { name: 'gs', url: issuer, now })
  const { roles } = createKeyring(data, 'bench/2026', { roleKeys, root: root.certificate })
  return { root, roles }
}

/** The name and the standing of a member, for a key that nobody has seen. */
async function presentation(key: {
  readonly x5c: readonly string[]
  readonly sign: (octets: Uint8Array) => Uint8Array
}): Promise<string> {
  const holder = newEs256Key()
  const issuedSeconds = Math.floor(systemClock() / second)
  const plain: JsonObject = {
    ...{ iss: issuer, vct, iat: issuedSeconds - 10, exp: issuedSeconds + (30 * day) / second },
    ...{ cnf: { jwk: { ...holder.jwk } } },
    status: { status_list: { idx: 1, uri: `${issuer}/status/1` } },
  }
  const compact = await issueSdJwt(
    { sha256, random, sign: (octets) => key.sign(octets) },
    { typ: 'dc+sd-jwt', x5c: [...key.x5c] },
    { plain, selective, nested: ['organisation'], digests: { top: 20, nested: 4 } },
  )
  const wallet = { sha256, sign: (octets: Uint8Array) => holder.sign(octets) }
  return presentSdJwt(wallet, compact, [['name_masked'], ['standing']], {
    ...{ audience, nonce: 'bench', issuedSeconds, transactionDataHashes: [] },
  })
}

/** Verified in a second, with so many under way. */
async function rate(
  tokens: readonly string[],
  verify: (token: string) => Promise<unknown>,
  inFlight: number,
) {
  const begun = performance.now()
  let next = 0
  const lane = async () => {
    for (let at = next++; at < tokens.length; at = next++) await verify(tokens[at] ?? '')
  }
  await Promise.all(Array.from({ length: inFlight }, lane))
  return tokens.length / ((performance.now() - begun) / 1000)
}
