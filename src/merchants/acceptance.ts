import { asc, eq, sql } from 'drizzle-orm'

import { Refusal } from '../base/refusal.ts'
import type { acceptanceTargets } from '../store/schema/merchants.ts'
import { type Reader, statement, type Tx } from '../store/store.ts'
import type { Standing } from './standing.ts'

/**
 * Where a benefit is taken: everywhere, or by merchant, store, category or region prefix. All of
 * these are of this node's merchants, unless a rule `node` lets another node in: by its number, or
 * every one by `*`. Then the other rules hold for its stores as well.
 */
export interface AcceptanceRule {
  readonly target: (typeof acceptanceTargets)[number]
  readonly value: string
}

const readRules = statement<{ benefitId: string }>()((db) => {
  const { acceptances } = db.tables
  return db
    .select({ target: acceptances.target, value: acceptances.value })
    .from(acceptances)
    .where(eq(acceptances.benefitId, sql.placeholder('benefitId')))
})

/** The rules of a benefit, in the order of target and value. */
export async function readAcceptance(reader: Reader, benefitId: string): Promise<AcceptanceRule[]> {
  const { acceptances: a } = reader.tables
  return reader
    .select({ target: a.target, value: a.value })
    .from(a)
    .where(eq(a.benefitId, benefitId))
    .orderBy(asc(a.target), asc(a.value))
}

/** Replaces the rules of a benefit. No rule at all: it is taken nowhere. */
export async function setAcceptance(
  tx: Tx,
  benefitId: string,
  rules: readonly AcceptanceRule[],
): Promise<void> {
  const { acceptances } = tx.tables
  await tx.delete(acceptances).where(eq(acceptances.benefitId, benefitId))
  await tx.insertMany(
    acceptances,
    rules.map((rule) => ({ benefitId, ...rule })),
    { ignore: true },
  )
}

/**
 * Refusal STORE_NOT_ACCEPTED unless some rule of the benefit covers the store and, where the store
 * is of another node, a rule lets that node in.
 */
export async function requireAcceptance(tx: Tx, benefitId: string, store: Standing): Promise<void> {
  const rules = await tx.perform(readRules, { benefitId })
  const covered = rules.some((rule) => covers(rule, store))
  if (!covered || !letsIn(rules, store)) throw new Refusal('STORE_NOT_ACCEPTED')
}

/** By default a benefit is taken at no other node's stores. */
function letsIn(rules: readonly AcceptanceRule[], { peer }: Standing): boolean {
  if (peer === undefined) return true
  const named = [String(peer), '*']
  return rules.some(({ target, value }) => target === 'node' && named.includes(value))
}

function covers({ target, value }: AcceptanceRule, store: Standing): boolean {
  switch (target) {
    case 'all':
      return true
    case 'merchant':
      return value === store.merchantId
    case 'store':
      return value === store.storeId
    case 'category':
      return value === store.category
    case 'region':
      return String(store.region).startsWith(value)
    case 'node':
      return false
  }
}
