import { describe, expect, it } from 'vitest'

import { checkDefinition } from '../../../src/benefits/definition.ts'
import { definition } from '../support.ts'

const lottery = {
  supply: 'stock',
  stock: 5,
  offer_days: 2,
  allocation: {
    mode: 'lottery',
    opens: '2026-07-01T09:00:00+08:00',
    closes: '2026-07-03T09:00:00+08:00',
  },
}
const until = (to: string) => ({ validity: { from: '2026-07-01T00:00:00+08:00', to } })
const check = (changes: object) => checkDefinition(definition({ ...lottery, ...changes }))

describe('a benefit that is drawn', () => {
  it('leaves its winners two days at least, however it ends', () => {
    expect(check(until('2026-07-05T09:00:00+08:00')).allocation).toEqual(lottery.allocation)
    for (const changes of [until('2026-07-05T08:59:59+08:00'), { offer_days: 1 }]) {
      expect(() => check(changes)).toThrowError(
        expect.objectContaining({
          code: 'VALIDATION_FAILED',
          detail: { issues: [expect.stringContaining('winners have two days at least')] },
        }),
      )
    }
  })

  it('is of open stock, and closes after it opens', () => {
    const backwards = { ...lottery.allocation, closes: lottery.allocation.opens }
    for (const changes of [{ supply: 'batch', stock: undefined }, { allocation: backwards }]) {
      expect(() => check(changes)).toThrowError(
        expect.objectContaining({ code: 'VALIDATION_FAILED' }),
      )
    }
  })
})
