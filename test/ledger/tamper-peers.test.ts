import { getTableColumns } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { utf8 } from '../../src/base/bytes.ts'
import { hour } from '../../src/base/clock.ts'
import { sha256 } from '../../src/base/sha256.ts'
import { parsePolicy } from '../../src/formats/tlog/policy.ts'
import { databaseSource } from '../../src/ledger/log-source.ts'
import { reconcile } from '../../src/ledger/reconcile.ts'
import { reconcilePeer } from '../../src/ledger/reconcile-peer.ts'
import { verifyLog } from '../../src/ledger/verify.ts'
import { locate } from '../../src/store/open.ts'
import { readSnapshot } from '../../src/store/snapshot.ts'
import { bookThree, type TwoBooks } from '../nodes/bookings.ts'
import { engines } from '../support/engines.ts'
import { copyOf, tamperBy } from './tampering.ts'

/**
 * What `ledger verify` says, and what `ledger reconcile --peer` does, which has the other node's log;
 * nothing where it does not notice.
 */
interface Noticed {
  readonly verify?: RegExp
  readonly peer?: RegExp
}

/** The lowest of the two bookings that were not undone, and the highest. */
const standing = `select min(redemption_id) from peer_bookings where redemption_id not in
  (select redemption_id from peer_bookings where kind = 'reverse')`
const one = `redemption_id = (${standing})`
const two = `redemption_id = (${standing.replace('min(', 'max(')})`
const undone = `kind = 'reverse'`

const set = (column: string, to: string, where = `kind = 'redeem' and ${one}`) =>
  `update peer_bookings set ${column} = ${to} where ${where}`
const from = (column: string, where: string) =>
  `(select ${column} from peer_bookings where ${where})`
const columns = [
  ...['bucket', 'ref', 'peer', 'kind', 'amount', 'entry_id', 'redemption_id', 'home_id'],
  ...['receipt', 'at'],
]
/** A second row from one that there is, with other values for some columns. */
const copied = (changes: Readonly<Record<string, string>>) =>
  `insert into peer_bookings (${columns}) select
    ${columns.map((column) => changes[column] ?? column)} from peer_bookings where ${one}`

const lost = /^leaf \S+ is not booked here$/
/** Every kind of change of every column, and who says what of it. */
const changes: readonly [change: string, statement: string, noticed: Noticed][] = [
  ['bucket, another', set('bucket', 'bucket + 1'), { verify: /has no entry/, peer: lost }],
  ['ref, of no leaf', set('ref', '$hash'), { verify: /another leaf than its entry/ }],
  ['peer, another node', set('peer', 'peer + 1'), { verify: /another kind or node/, peer: lost }],
  ['kind, the other', set('kind', "'reverse'"), { verify: /another kind or node/ }],
  [
    'kind, of the undoing',
    set('kind', `'redeem', redemption_id = 'x'`, undone),
    { verify: /another kind or node/ },
  ],
  ['amount, more', set('amount', 'amount + 1'), { verify: /another amount than its entry/ }],
  ['amount, nothing', set('amount', '0'), { verify: /another amount than its entry/ }],
  ['entry_id, none', set('entry_id', "'x'"), { verify: /has no entry/, peer: lost }],
  [
    'entry_id, another’s',
    set('entry_id', from('entry_id', two)),
    { verify: /no leaf/, peer: lost },
  ],
  ['redemption_id, none', set('redemption_id', "'x'"), { verify: /not of its redemption/ }],
  [
    'redemption_id, of the undoing',
    set('redemption_id', "'x'", undone),
    { verify: /not of its redemption/ },
  ],
  ['home_id, another', set('home_id', "'x'"), { verify: /another redemption than was asked/ }],
  [
    'home_id, of the undoing',
    set('home_id', "'x'", undone),
    { verify: /another redemption than was asked/ },
  ],
  [
    'receipt, none',
    set('receipt', '$hash'),
    { verify: /receipt of another leaf/, peer: /RECEIPT_MALFORMED/ },
  ],
  ['receipt, another’s', set('receipt', from('receipt', two)), { verify: /receipt of another/ }],
  [
    'receipt, at another index',
    set('receipt', "$swap(receipt, 'index ', 'index 1')"),
    { verify: /receipt of another leaf/, peer: /INCLUSION_INVALID/ },
  ],
  [
    'receipt, signed by nobody known',
    set('receipt', "$swap(receipt, '— log.nx.test/2026', '— log.nx.test/2027')"),
    { peer: /NOTE_/ },
  ],
  ['at, another', set('at', 'at + 1'), { verify: /another time than its entry/ }],
  ['a row less', `delete from peer_bookings where ${one}`, { verify: /from no leaf/, peer: lost }],
  [
    'no undoing',
    `delete from peer_bookings where ${undone}`,
    { verify: /booked from no leaf/, peer: lost },
  ],
  [
    'a row more',
    copied({ ref: '$hash', redemption_id: "'x'" }),
    { verify: /another leaf than its entry/, peer: /is booked here twice/ },
  ],
  ['a leaf twice', copied({ bucket: 'bucket + 1', redemption_id: "'x'" }), { verify: /twice$/ }],
]

describe.each(engines)('bookings of another node’s leaves on %s', (engine) => {
  let books: TwoBooks
  beforeAll(async () => {
    books = await bookThree(engine)
    await books.shop.store.close()
  })
  afterAll(() => books.home.close())

  const policyOf = (who: 'home' | 'shop') =>
    parsePolicy(sha256, utf8(`log ${books[who].logKey.vkey}\nquorum none\n`))
  /** What is found by whoever has the database, and by whoever has the other log as well. */
  const look = (url: string) =>
    readSnapshot(locate(url, ''), async (reader) => {
      const { now, logKey } = books.shop
      const source = databaseSource(reader, logKey.name)
      const { findings } = await verifyLog(source, policyOf('shop'), { database: reader })
      const { good } = await reconcile(reader, now)
      const sources = [databaseSource(books.home.store.read, books.home.logKey.name)]
      const given = { peer: 64, sources, policy: policyOf('home'), now: now + hour }
      const joined = await reconcilePeer(reader, given)
      const verify = findings.map(({ check, message }) => `${check}: ${message}`)
      return { verify, good, peer: joined.findings, joined: joined.joined }
    })
  const whole = { verify: [], good: true, peer: [], joined: 4 }

  it('are good untouched', async () => {
    expect(await look(await copyOf(books.shop.location))).toEqual(whole)
  })

  it('are changed in every column below', () => {
    const { peerBookings } = books.shop.store.read.tables
    const named = changes.map(([change]) => change.split(',')[0])
    const columnNames = Object.keys(getTableColumns(peerBookings)).map((key) =>
      key.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
    )
    expect(columnNames.filter((column) => !named.includes(column))).toEqual([])
    expect(columnNames).toEqual(columns)
  })

  it.each(changes)('are noticed with %s', async (_, statement, noticed) => {
    const url = await copyOf(books.shop.location)
    await tamperBy(url, statement)
    const found = await look(url)
    for (const who of ['verify', 'peer'] as const) {
      const words = noticed[who]
      if (words) expect(found[who]).toContainEqual(expect.stringMatching(words))
      else expect(found[who]).toEqual([])
    }
  })

  /**
   * No authority: what home calls a redemption is in no leaf, and `peer_asks`, which says it too,
   * is forgotten. No money follows: asked to undo another by a wrong name, home refuses or proves
   * a leaf of another voucher, of which nothing is booked.
   */
  it('have no authority for home’s name of a redemption once what was asked is forgotten', async () => {
    const url = await copyOf(books.shop.location)
    await tamperBy(url, `delete from peer_asks where kind = 'redeem' and ${one}`)
    await tamperBy(url, set('home_id', "'x'"))
    expect(await look(url)).toEqual(whole)
  })
})
