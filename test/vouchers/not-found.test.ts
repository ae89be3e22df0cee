import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import type { Refusal } from '../../src/base/refusal.ts'
import { revokeDevice } from '../../src/identity/devices.ts'
import { signatureChecks } from '../../src/keys/verify-es256.ts'
import type { Reader } from '../../src/store/store.ts'
import { verifyShownCode } from '../../src/vouchers/shown-code.ts'
import { enrol, type HeldDevice, newKey } from '../support/device.ts'
import { engines } from '../support/engines.ts'
import { codeFor, members, type Story, tellStory } from '../support/story.ts'
import { type Holding, holding } from './support.ts'

describe.each(engines)('a code that is not good, on %s', (engine) => {
  let story: Story
  let held: Holding
  beforeEach(async () => {
    story = await tellStory(engine)
    held = await holding(story)
  })
  afterEach(() => story.close())

  /** Runs it, and counts the queries and the signature checks that it took. */
  async function counted(text: string, node = story.node) {
    let queries = 0
    const { read } = story.store
    const reader = Object.create(read, {
      perform: {
        value: (...args: Parameters<Reader['perform']>) => {
          queries++
          return read.perform(...args)
        },
      },
      select: { value: () => expect.unreachable('a query that is not counted') },
    }) as Reader
    const before = signatureChecks.asked
    const answer = await verifyShownCode(reader, node, text).catch((error: Refusal) => error)
    return { answer, queries, checks: signatureChecks.asked - before }
  }

  const code = (device: HeldDevice = held.device, voucher = held.voucher.id) =>
    codeFor(story, device, voucher, story.now)

  it('costs one query and one signature check, and says the same in every case', async () => {
    const [stranger] = await members(story, 1)
    const theirs = await enrol(story, stranger!)
    const forged: HeldDevice = { ...held.device, privateKey: newKey().privateKey }
    const otherTag = { ...held.device, tag: (held.device.tag + 1) % 65_536 }
    const gone = await enrol(story, held.member)
    await story.store.transaction((tx) => {
      const { id: deviceId, memberId } = gone
      const given = { deviceId, memberId, actor: 'staff', now: story.now }
      return revokeDevice(tx, story.node, given)
    })
    const foreign = { ...story.node, number: 65 }
    const cases: Record<string, Awaited<ReturnType<typeof counted>>> = {
      'unknown handle': await counted(code(held.device, '0'.repeat(32))),
      'unknown tag': await counted(code(otherTag)),
      'wrong signature': await counted(code(forged)),
      'somebody else’s voucher': await counted(code(theirs)),
      'revoked device': await counted(code(gone)),
      'other node': await counted(
        codeFor({ node: foreign }, held.device, held.voucher.id, story.now),
      ),
    }
    for (const [name, { answer, queries, checks }] of Object.entries(cases)) {
      expect({ name, queries, checks }).toEqual({ name, queries: 1, checks: 1 })
      expect(answer, name).toMatchObject({ code: 'VOUCHER_NOT_FOUND', detail: {} })
      expect((answer as Refusal).message).toBe('voucher not found')
    }
  })

  it('costs a good one no less', async () => {
    const { answer, queries, checks } = await counted(code())
    expect({ queries, checks }).toEqual({ queries: 1, checks: 1 })
    expect(answer).toMatchObject({ voucherId: held.voucher.id, deviceId: held.device.id })
  })

  it('is told apart only where it is no code at all', async () => {
    const text = code()
    for (const [odd, no] of [
      ['', 'TOKEN_MALFORMED'],
      ['hello', 'TOKEN_MALFORMED'],
      [text.slice(0, -1), 'TOKEN_MALFORMED'],
      [text.toLowerCase(), 'TOKEN_MALFORMED'],
      [text.replace('SY1:', 'SY2:'), 'UNSUPPORTED_TOKEN_VERSION'],
    ] as const) {
      expect(await counted(odd), odd).toMatchObject({ answer: { code: no }, queries: 0, checks: 0 })
    }
  })
})
