import type { Account } from './journal.ts'

/** A way that money may go: the account debited, and the one credited. */
export type Move = readonly [debit: Account, credit: Account]

/** What a leaf of one kind may do. */
export interface Kind {
  /** None: leaves of this kind have no postings. */
  readonly moves: readonly Move[]
  /** May come without postings though it could move money: the claim of an offer. */
  readonly still?: true
  /** About one voucher (`vh`, `sv`, `prev`), or about a list of them (`cnt`, `vr`). */
  readonly voucher?: 'one' | 'chunk'
}

const release: Move = ['voucher_liability', 'budget_available']

/**
 * Every kind of leaf (`4-ledger.md`, section 3.1). Closed: the auditor refuses any other, so a new
 * kind begins here.
 */
export const kinds: ReadonlyMap<string, Kind> = new Map<string, Kind>([
  [
    'budget.allocate', // a negative change gives money back to the fund
    {
      moves: [
        ['fund_bank', 'budget_available'],
        ['budget_available', 'fund_bank'],
      ],
    },
  ],
  ['batch.issue', { moves: [['budget_available', 'voucher_liability']], voucher: 'chunk' }],
  ['batch.recall', { moves: [release], voucher: 'chunk' }],
  ['voucher.expire', { moves: [release], voucher: 'chunk' }],
  ['offer.lapse', { moves: [release, ['voucher_liability', 'stock_reserved']], voucher: 'chunk' }],
  ['draw.open', { moves: [] }],
  ['draw.enter', { moves: [] }],
  ['draw.leave', { moves: [] }],
  ['draw.close', { moves: [] }],
  ['draw.run', { moves: [] }],
  ['draw.issue', { moves: [['stock_reserved', 'voucher_liability']], voucher: 'chunk' }],
  ['stock.open', { moves: [['budget_available', 'stock_reserved']] }],
  ['stock.close', { moves: [['stock_reserved', 'budget_available']] }],
  [
    'voucher.claim',
    { moves: [['stock_reserved', 'voucher_liability']], still: true, voucher: 'one' },
  ],
  ['voucher.reissue', { moves: [['budget_available', 'voucher_liability']], voucher: 'one' }],
  ['voucher.extend', { moves: [], voucher: 'one' }],
  ['voucher.suspend', { moves: [], voucher: 'one' }],
  ['voucher.resume', { moves: [], voucher: 'one' }],
  [
    'voucher.redeem',
    {
      moves: [
        ['voucher_liability', 'merchant_payable'],
        ['voucher_liability', 'node_due_to'],
      ],
      voucher: 'one',
    },
  ],
  [
    'voucher.reverse',
    {
      moves: [
        ['merchant_payable', 'voucher_liability'],
        ['merchant_receivable', 'voucher_liability'],
        ['node_due_to', 'voucher_liability'],
      ],
      voucher: 'one',
    },
  ],
  // What a merchant of ours is owed for another node's voucher: `ref` is that node's leaf.
  ['node.redeem', { moves: [['node_due_from', 'merchant_payable']] }],
  ['node.reverse', { moves: [['merchant_payable', 'node_due_from']] }],
  ['voucher.return', { moves: [release, ['voucher_liability', 'stock_reserved']], voucher: 'one' }],
  ['voucher.void', { moves: [release], voucher: 'one' }],
  [
    'settle.batch', // a month's statement: what is owed, less what the merchant owes
    {
      moves: [
        ['merchant_payable', 'settlement_clearing'],
        ['settlement_clearing', 'merchant_receivable'],
      ],
    },
  ],
  [
    'settle.confirm', // of one programme of a statement; the other way where the merchant owes it
    {
      moves: [
        ['settlement_clearing', 'fund_bank'],
        ['fund_bank', 'settlement_clearing'],
      ],
    },
  ],
  [
    'settle.adjust', // a line of a later statement
    {
      moves: [
        ['budget_available', 'merchant_payable'],
        ['merchant_receivable', 'budget_available'],
      ],
    },
  ],
  ['settle.fail', { moves: [['settlement_clearing', 'merchant_payable']] }],
  ['device.enrol', { moves: [] }],
  ['device.revoke', { moves: [] }],
  ['ledger.close', { moves: [] }],
  ['key.rotate', { moves: [] }],
  ['log.open', { moves: [] }],
  ['log.close', { moves: [] }],
])

/**
 * Accounts that a programme may owe but never be owed: their balance (debits less credits) is
 * never above zero.
 */
export const owedByProgramme: readonly Account[] = [
  'budget_available',
  'stock_reserved',
  'voucher_liability',
]

/** The same, for the node as a whole: statements may span programmes. */
export const owedByNode: readonly Account[] = ['merchant_payable', 'settlement_clearing']
