import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { day, systemClock } from '../../src/base/clock.ts'
import { bucketOf, newId, newRandomId } from '../../src/base/id.ts'
import { createBenefit } from '../../src/benefits/benefits.ts'
import { changeBudget, createProgramme } from '../../src/benefits/programmes.ts'
import { publishBenefit } from '../../src/benefits/publish.ts'
import { publishedBenefit } from '../../src/benefits/rights.ts'
import type { Deployment } from '../../src/compose.ts'
import { issueActivation } from '../../src/identity/activations.ts'
import { enrolDevice } from '../../src/identity/devices.ts'
import { importOrganisations } from '../../src/identity/organisation-import.ts'
import { spkiOf } from '../../src/keys/es256.ts'
import { createKeyring } from '../../src/keys/keyring.ts'
import { newEs256Key } from '../../src/keys/sign-jws.ts'
import { foundNode } from '../../src/keys/this-node.ts'
import { openLog } from '../../src/ledger/log-state.ts'
import { setAcceptance } from '../../src/merchants/acceptance.ts'
import { createCashier, hashPin, openShift } from '../../src/merchants/cashiers.ts'
import { createMerchant, createStore } from '../../src/merchants/merchants.ts'
import { createTerminal, issueProvisioning, provision } from '../../src/merchants/terminals.ts'
import { locate, openStore } from '../../src/store/open.ts'
import { issueChunk, type Recipient } from '../../src/vouchers/issue.ts'

/** Founds a node in an empty database and answers the data folder with its keys. */
export async function foundBench(
  databaseUrl: string,
  data = mkdtempSync(join(tmpdir(), 'symbolon-bench-')),
): Promise<string> {
  const { master, logs } = createKeyring(data, 'bench/log/nx/2026')
  const [log] = logs
  if (!log) throw new TypeError('no log key')
  const store = await openStore(locate(databaseUrl, data))
  const now = systemClock()
  await store.transaction(async (tx) => {
    await foundNode(tx, { number: 64, code: 'nx', nameZh: '宁夏' }, master, now)
    await openLog(tx, log, now)
    await importOrganisations(
      tx,
      [{ row: 1, code: '000000', parentCode: '', level: 'national', nameZh: '全国' }],
      now,
    )
  })
  await store.close()
  return data
}

const actor = { principalId: 'bench', personId: 'bench', orgPaths: [''] }

/** A published coupon with plenty of budget; answers its id. */
export async function publishCoupon({ store, node }: Deployment, cap: number): Promise<string> {
  const now = systemClock()
  return store.transaction(async (tx) => {
    const programme = await createProgramme(
      tx,
      {
        publicId: newId(now),
        nameZh: '测',
        nameEn: 'bench',
        orgCode: '000000',
        periodFrom: 0,
        periodTo: now + day,
        timeZone: 'Asia/Shanghai',
      },
      actor,
      now,
    )
    const change = { programmeId: programme.id, amount: 1e12, expectedVersion: 1 }
    await changeBudget(tx, node, change, actor, now)
    const definition = {
      name: { zh: '券', en: 'coupon' },
      description: { zh: '券', en: 'coupon' },
      details: { kind: 'coupon', face_value: 1000, minimum_spend: 0 },
      amount: 1000,
      validity: { days_after_claim: 30 },
      supply: 'batch',
      cap: { count: cap, per: 'ever' },
      criteria: { fact: 'occupation', op: 'in', value: ['courier', 'food_delivery'] },
    }
    const { benefitId } = await createBenefit(tx, programme.id, definition, actor, now)
    await publishBenefit(tx, node, benefitId, actor, now)
    await setAcceptance(tx, benefitId, [{ target: 'all', value: '' }])
    return benefitId
  })
}

/** Inserts plain members; answers who they are. */
export async function addMembers(
  { store }: Deployment,
  count: number,
  occupationOf: (i: number) => string,
): Promise<Recipient[]> {
  const now = systemClock()
  const made: Recipient[] = []
  for (let from = 0; from < count; from += 10_000) {
    const rows = Array.from({ length: Math.min(10_000, count - from) }, (_, i) => {
      const personId = newRandomId()
      return { personId, memberId: newId(now), bucket: bucketOf(personId), n: from + i }
    })
    await store.transaction(
      async (tx) => {
        const t = tx.tables
        await tx.insertMany(
          t.persons,
          rows.map(({ personId }) => ({ id: personId, createdAt: now })),
        )
        await tx.insertMany(
          t.members,
          rows.map(({ personId, memberId, bucket, n }) => ({
            id: memberId,
            bucket,
            personId,
            memberNo: `B${n}`,
            name: '某某',
            orgCode: '000000',
            standing: 'active' as const,
            occupation: occupationOf(n),
            joinedOn: '2020-01-01',
            birthDate: '1980-01-01',
            createdAt: now,
            updatedAt: now,
          })),
        )
      },
      { bulk: true },
    )
    made.push(...rows)
  }
  return made
}

/** Sixty-four members with phones and vouchers, sixty-four terminals with open shifts. */
export async function redeemGround(deployment: Deployment, perMember: number) {
  const { store, node } = deployment
  const now = systemClock()
  const members = await addMembers(deployment, 64, () => 'courier')
  const devices: { spki: string; tag: number; vouchers: string[]; privateIndex: number }[] = []
  const deviceKeys = members.map(() => newEs256Key())
  for (const [i, { memberId }] of members.entries()) {
    const key = deviceKeys[i]
    if (!key) throw new TypeError('no key')
    const device = await store.transaction(async (tx) => {
      const { code } = await issueActivation(tx, node, { memberId, now })
      const given = { memberNo: `B${i}`, code, jwk: key.jwk, name: 'phone', now }
      return enrolDevice(tx, node, given)
    })
    const spki = Buffer.from(device.spki).toString('base64')
    devices.push({ spki, tag: device.tag, vouchers: [], privateIndex: i })
  }
  let benefitId = ''
  for (let round = 0; round < perMember; round++) {
    if (round % 100 === 0) benefitId = await publishCoupon(deployment, 100)
    await store.transaction(async (tx) => {
      const benefit = await publishedBenefit(tx, benefitId)
      const batchId = newId(now)
      await issueChunk(tx, node, { batchId, benefit, delivery: 'active', recipients: members, now })
    })
  }
  const { vouchers } = store.read.tables
  const rows = await store.read
    .select({ id: vouchers.id, memberId: vouchers.memberId })
    .from(vouchers)
  for (const { id, memberId } of rows) {
    devices[members.findIndex((m) => m.memberId === memberId)]?.vouchers.push(id)
  }
  return { devices, deviceKeys, terminals: await openTerminals(deployment) }
}

async function openTerminals({ store, node }: Deployment) {
  const now = systemClock()
  const pinHash = await hashPin('1234')
  const terminals: { id: string; key: ReturnType<typeof newEs256Key>; spki: string }[] = []
  for (let i = 0; i < 64; i++) {
    const key = newEs256Key()
    const spki = spkiOf(key.jwk)
    if (!spki) throw new TypeError('no key')
    const id = await store.transaction(async (tx) => {
      const contract = { contractFrom: 0, contractTo: now + day, orgCode: '000000', now }
      const merchant = await createMerchant(tx, { name: `m${i}`, ...contract })
      const shop = { merchantId: merchant.id, name: 's', category: 'shop', region: 640104, now }
      const { id: storeId } = await createStore(tx, shop)
      const terminal = await createTerminal(tx, { storeId, name: 't', now })
      const { token } = await issueProvisioning(tx, node, { terminalId: terminal.id, now })
      await provision(tx, node, { token, spki, now })
      const cashier = await createCashier(tx, { storeId, name: 'c', pinHash, now })
      const shift = { terminalId: terminal.id, cashierId: cashier.id, now }
      await openShift(tx, shift)
      return terminal.id
    })
    terminals.push({ id, key, spki: Buffer.from(spki).toString('base64') })
  }
  return terminals
}
