import { toBase64url } from '../../src/base/bytes.ts'
import { newId } from '../../src/base/id.ts'
import { sha256 } from '../../src/base/sha256.ts'
import { receiptOf } from '../../src/ledger/receipt.ts'
import type { HomeRedemption } from '../../src/trust/home-answers.ts'
import { bookRedemption, bookReversal, type Proven } from '../../src/vouchers/book-elsewhere.ts'
import { standingElsewhere } from '../../src/vouchers/elsewhere.ts'
import { openAsk, type PeerAsk } from '../../src/vouchers/peer-asks.ts'
import { redeem } from '../../src/vouchers/redeem.ts'
import { reverse } from '../../src/vouchers/reverse.ts'
import type { Engine } from '../support/engines.ts'
import { requestDigest, type Story, show, tellStory, tick } from '../support/story.ts'
import { holding } from '../vouchers/support.ts'

const name = (letter: string) => letter.repeat(22)
const names = { merchant: name('m'), store: name('s'), terminal: name('t'), shift: name('h') }
const place = { ...names, region: 620_100, category: 'catering' }
const home = 64
const shop = 62

/** Two nodes without a network: a shop's books of what the members' node redeemed for it. */
export interface TwoBooks {
  readonly home: Story
  readonly shop: Story
}

/** Two redemptions at the shop's node, and a third that was undone, booked on both sides. */
export async function bookThree(engine: Engine): Promise<TwoBooks> {
  const number = { number: shop, code: 'gs', nameZh: '甘肃省总工会' }
  const books = { home: await tellStory(engine), shop: await tellStory(engine, 1_000_000, number) }
  await bookOne(books)
  await bookOne(books)
  const { ask, told, ref } = await bookOne(books)
  await undoOne(books, { ask, homeId: told.redemption_id, made: ref })
  await tick(books.shop)
  return books
}

async function bookOne(books: TwoBooks) {
  const { home: at } = books
  const target = [
    { target: 'region', value: '62' },
    { target: 'node', value: String(shop) },
  ] as const
  const held = await holding(at, {}, { rules: target })
  const shown = await show(at, held.device, held.voucher)
  const standing = standingElsewhere(shop, place)
  const asked = { by: { shown }, terminalId: standing.terminalId, elsewhere: standing }
  const made = await at.store.transaction((tx) =>
    redeem(tx, at.node, { ...asked, requestDigest, details: {}, now: at.now }),
  )
  const proven = await prove(at, made.redemption.entryId)
  const coupon: HomeRedemption['benefit']['kind'] = 'coupon'
  const benefit = { id: 'b', kind: coupon, name: { zh: '券', en: 'coupon' }, needs: [] }
  const told = {
    ...{ redemption_id: made.redemption.id, voucher_id: held.voucher.id, uses_left: 0 },
    ...{ amount: 1000, redeemed_at: at.now, reversible_until: at.now, member_name: '欧*' },
    ...{ manager_reversible_until: at.now, benefit, evidence: '', merchant: '' },
    leaf_hash: toBase64url(made.leafHash),
  }
  const ask = await writeDown(books, { kind: 'redeem', voucherId: held.voucher.id })
  const given = { ask, proven: { ...proven, home: told }, now: books.shop.now }
  const booked = await books.shop.store.transaction((tx) =>
    bookRedemption(tx, books.shop.node, given),
  )
  const { redemption } = booked
  return { ask: { ...ask, redemptionId: redemption.id }, told, ref: made.redemption }
}

async function undoOne(
  books: TwoBooks,
  given: { ask: PeerAsk; homeId: string; made: { bucket: number; id: string } },
) {
  const { home: at } = books
  const elsewhere = { standing: standingElsewhere(shop, place), manager: false }
  const undoing = { redemption: given.made, reason: 'wrong_voucher', by: { elsewhere } } as const
  const undone = await at.store.transaction((tx) =>
    reverse(tx, at.node, { ...undoing, now: at.now }),
  )
  const proven = await prove(at, undone.redemption.reversalEntryId ?? '')
  const told = {
    ...{ redemption_id: given.homeId, amount: 1000, reversed_at: at.now },
    ...{ uses_left: 1, valid_to: at.now, leaf_hash: toBase64url(undone.leafHash) },
  }
  const { voucherId, redemptionId } = given.ask
  const more = { redemptionId: redemptionId ?? '', homeId: given.homeId }
  const ask = await writeDown(books, { kind: 'reverse', voucherId, ...more })
  const booking = { ask, proven: { ...proven, home: told }, now: books.shop.now }
  await books.shop.store.transaction((tx) => bookReversal(tx, books.shop.node, booking))
}

async function writeDown(
  { shop: at }: TwoBooks,
  about: { kind: 'redeem' | 'reverse'; voucherId: string; redemptionId?: string; homeId?: string },
): Promise<PeerAsk> {
  const key = newId(at.now)
  const terminal = { terminalId: at.counter.terminalId, requestDigest }
  const asking = { ...about, peer: home, terminal, key, requestHash: sha256(key), body: {} }
  const evidence = sha256('evidence')
  return at.store.transaction((tx) => openAsk(tx, at.node, { ...asking, evidence, now: at.now }))
}

async function prove(at: Story, entryId: string): Promise<Omit<Proven<never>, 'home'>> {
  await tick(at)
  const { journalEntries: j } = at.store.read.tables
  const rows = await at.store.read.select({ id: j.id, hash: j.leafHash }).from(j)
  const receipt = await receiptOf(at.store.read, entryId)
  const ref = rows.find(({ id }) => id === entryId)?.hash
  if (!receipt || !ref) throw new TypeError('an entry is not in the log')
  return { ref, receipt }
}
