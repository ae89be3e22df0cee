import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { day } from '../../src/base/clock.ts'
import { systemRandom } from '../../src/base/id.ts'
import { decoysOf } from '../../src/credentials/status-decoys.ts'
import {
  drawStatusIndex,
  quarterOf,
  reserveStatuses,
} from '../../src/credentials/status-entries.ts'
import { type Deployment, foundedAt, freshDeployment } from '../support/deployment.ts'
import { engines } from '../support/engines.ts'

describe.each(engines)('status lists on %s', (engine) => {
  let d: Deployment
  beforeEach(async () => {
    d = await freshDeployment(engine)
  })
  afterEach(() => d.close())
  const reserve = (count: number, now = foundedAt) =>
    d.store.transaction((tx) => reserveStatuses(tx, count, now))
  const lists = async () => {
    const { statusLists } = d.store.read.tables
    return d.store.read.select().from(statusLists).orderBy(statusLists.number)
  }

  it('are opened once, however many want one at once', async () => {
    const numbers = await Promise.all(Array.from({ length: 20 }, () => reserve(10)))
    expect(new Set(numbers)).toEqual(new Set([1]))
    expect(await lists()).toMatchObject([{ number: 1, quarter: '2026q2', taken: 200 }])
  })

  it('are followed by another in the next quarter, and when they are full', async () => {
    expect(await reserve(1)).toBe(1)
    expect(await reserve(1, foundedAt + 31 * day)).toBe(2)
    const capacity = (2 ** 17 * 3) / 4
    expect(await reserve(capacity - 1)).toBe(1)
    expect(await reserve(1)).toBe(3)
    const rows = await lists()
    expect(rows.map(({ quarter }) => quarter)).toEqual(['2026q2', '2026q3', '2026q2'])
  })

  it('have decoys of their own, which are never drawn', () => {
    const [one, two] = [decoysOf(d.node, 1), decoysOf(d.node, 2)]
    const shared = [...one.keys()].filter((index) => two.has(index))
    expect(shared.length).toBeLessThan(30)
    const decoy = [...one.keys()].find((index) => index < 2 ** 17) ?? 0
    const draws = [decoy, 77_777].map((index) => {
      const octets = Buffer.alloc(3)
      octets.writeUIntBE(index, 0, 3)
      return new Uint8Array(octets)
    })
    const drawn = drawStatusIndex(d.node, 1, () => draws.shift() ?? systemRandom(3))
    expect(drawn).not.toBe(decoy)
  })
})

describe('a quarter', () => {
  it('is told in UTC', () => {
    expect(quarterOf(Date.UTC(2026, 2, 31, 23, 59))).toBe('2026q1')
    expect(quarterOf(Date.UTC(2026, 3, 1))).toBe('2026q2')
    expect(quarterOf(Date.UTC(2026, 11, 31))).toBe('2026q4')
  })
})
