import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { dayIn, isTimeZone, midnightOf } from '../../../src/benefits/criteria/zone.ts'

describe('a day in a time zone', () => {
  it('begins at its midnight there', () => {
    expect(midnightOf('2025-06-01', 'Asia/Shanghai')).toBe(Date.parse('2025-05-31T16:00:00Z'))
    expect(dayIn('Asia/Shanghai', Date.parse('2025-05-31T15:59:59.999Z'))).toBe('2025-05-31')
    expect(dayIn('Asia/Shanghai', Date.parse('2025-05-31T16:00:00Z'))).toBe('2025-06-01')
  })

  it('begins when clocks skip midnight, and once when they repeat it', () => {
    expect(midnightOf('2018-11-04', 'America/Sao_Paulo')).toBe(Date.parse('2018-11-04T03:00:00Z'))
    expect(midnightOf('2025-11-02', 'America/Havana')).toBe(Date.parse('2025-11-02T04:00:00Z'))
  })

  it('holds every instant from its midnight on, and none before', () => {
    const zones = fc.constantFrom('Asia/Shanghai', 'Asia/Kathmandu', 'America/New_York', 'UTC')
    const instants = fc.integer({ min: Date.UTC(1990, 0), max: Date.UTC(2100, 0) })
    fc.assert(
      fc.property(zones, instants, (zone, at) => {
        const day = dayIn(zone, at)
        const start = midnightOf(day, zone)
        expect(start).toBeLessThanOrEqual(at)
        expect([dayIn(zone, start), dayIn(zone, start - 1) < day]).toEqual([day, true])
      }),
    )
  })

  it('needs a zone that is known', () => {
    expect([isTimeZone('Asia/Urumqi'), isTimeZone('Asia/Nowhere')]).toEqual([true, false])
  })
})
