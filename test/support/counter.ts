import { day, type Instant } from '../../src/base/clock.ts'
import { createCashier, hashPin, openShift } from '../../src/merchants/cashiers.ts'
import { createMerchant, createStore } from '../../src/merchants/merchants.ts'
import { createTerminal, issueProvisioning, provision } from '../../src/merchants/terminals.ts'
import type { Deployment } from './deployment.ts'
import { newKey } from './device.ts'

/** A terminal with a cashier at it whose shift is open. */
export interface Counter {
  readonly merchantId: string
  readonly storeId: string
  readonly terminalId: string
  readonly cashierId: string
  readonly shiftId: string
}

export const pin = '2468'
const pinHash = hashPin(pin)

/**
 * A counter of `at`'s store, or of a merchant and a store (catering, 640104) of its own, with a
 * cashier or a manager on shift.
 */
export async function openCounter(
  { store, node }: Pick<Deployment, 'store' | 'node'>,
  now: Instant,
  at?: Pick<Counter, 'merchantId' | 'storeId'>,
  role: 'cashier' | 'manager' = 'cashier',
): Promise<Counter> {
  const hash = await pinHash
  const { spki } = newKey()
  return store.transaction(async (tx) => {
    const agreement = { contractFrom: now - day, contractTo: now + 400 * day, now }
    const merchantId =
      at?.merchantId ??
      (await createMerchant(tx, { name: '面馆', orgCode: '640100', ...agreement })).id
    const place = { name: '一店', category: 'catering', region: 640_104, now }
    const storeId = at?.storeId ?? (await createStore(tx, { merchantId, ...place })).id
    const { id: terminalId } = await createTerminal(tx, { storeId, name: '1', now })
    const { token } = await issueProvisioning(tx, node, { terminalId, now })
    await provision(tx, node, { token, spki, now })
    const cashier = await createCashier(tx, { storeId, name: '李', role, pinHash: hash, now })
    const shift = { terminalId, cashierId: cashier.id, now }
    const { id: shiftId } = await openShift(tx, shift)
    return { merchantId, storeId, terminalId, cashierId: cashier.id, shiftId }
  })
}
