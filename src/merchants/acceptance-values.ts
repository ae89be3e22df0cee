import { inArray } from 'drizzle-orm'

import { Refusal } from '../base/refusal.ts'
import type { Reader } from '../store/store.ts'
import { type AcceptanceRule, readAcceptance } from './acceptance.ts'

/** As stores have it. */
const category = /^[a-z][a-z0-9_]{0,31}$/

/** The beginning of a GB/T 2260 code, whose first two digits are a province. */
const region = /^([1-8]|(1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[12])\d{0,4})$/

/**
 * Refusal VALIDATION_FAILED {issues} for values that can match no store: a merchant or a store that
 * is not there, what is no category or region prefix, a node that is not among `nodes` (numbers of
 * the trust list). What is in force may stay: a node may have been withdrawn since.
 */
export async function requireMatchable(
  reader: Reader,
  benefitId: string,
  rules: readonly AcceptanceRule[],
  nodes: readonly number[],
): Promise<void> {
  const { merchants: m, stores: s } = reader.tables
  const valuesOf = (wanted: AcceptanceRule['target']) =>
    rules.flatMap(({ target, value }) => (target === wanted ? [value] : []))
  const [wantedMerchants, wantedStores] = [valuesOf('merchant'), valuesOf('store')]
  const merchants =
    wantedMerchants.length === 0
      ? []
      : await reader.select({ id: m.id }).from(m).where(inArray(m.id, wantedMerchants))
  const stores =
    wantedStores.length === 0
      ? []
      : await reader.select({ id: s.id }).from(s).where(inArray(s.id, wantedStores))
  const there = {
    merchant: new Set(merchants.map(({ id }) => id)),
    store: new Set(stores.map(({ id }) => id)),
    node: new Set(['*', ...nodes.map(String)]),
  }
  const inForce = await readAcceptance(reader, benefitId)
  const issues = rules.flatMap((rule, i) => {
    const fault = faultOf(rule, there)
    const stands = inForce.some((one) => one.target === rule.target && one.value === rule.value)
    return fault === undefined || stands ? [] : [`rules.${i}.value: ${fault}`]
  })
  if (issues.length > 0) throw new Refusal('VALIDATION_FAILED', { issues })
}

function faultOf(
  { target, value }: AcceptanceRule,
  there: Readonly<Record<'merchant' | 'store' | 'node', ReadonlySet<string>>>,
): string | undefined {
  switch (target) {
    case 'all':
      return value === '' ? undefined : 'all takes none'
    case 'merchant':
    case 'store':
      return there[target].has(value) ? undefined : `no such ${target}`
    case 'category':
      return category.test(value) ? undefined : 'not a category'
    case 'region':
      return region.test(value) ? undefined : 'not the beginning of a GB/T 2260 code'
    case 'node':
      return there.node.has(value) ? undefined : 'neither a node on the trust list nor *'
  }
}
