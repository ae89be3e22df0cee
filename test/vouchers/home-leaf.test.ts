import { beforeAll, describe, expect, it } from 'vitest'

import { toBase64url } from '../../src/base/bytes.ts'
import { sha256 } from '../../src/base/sha256.ts'
import { parsePolicy } from '../../src/formats/tlog/policy.ts'
import { receiptOf } from '../../src/ledger/receipt.ts'
import type { AcceptanceRule } from '../../src/merchants/acceptance.ts'
import { standingElsewhere } from '../../src/vouchers/elsewhere.ts'
import { type ExpectedLeaf, verifyHomeReceipt } from '../../src/vouchers/home-leaf.ts'
import { redeem } from '../../src/vouchers/redeem.ts'
import type { ShownCode } from '../../src/vouchers/shown-code.ts'
import type { Voucher } from '../../src/vouchers/states.ts'
import { enrol } from '../support/device.ts'
import { engines } from '../support/engines.ts'
import {
  audit,
  benefit,
  issue,
  members,
  requestDigest,
  type Story,
  show,
  tellStory,
  tick,
} from '../support/story.ts'

const name = (letter: string) => letter.repeat(22)
const names = { merchant: name('m'), store: name('s'), terminal: name('t'), shift: name('h') }
const place = { ...names, region: 620_100, category: 'catering' }

describe.each(engines)('the leaf of a redemption at another node, on %s', (engine) => {
  let story: Story
  let voucher: Voucher
  let shown: ShownCode
  let receipt: string
  let leaf: ExpectedLeaf
  let believed: Parameters<typeof verifyHomeReceipt>[1]

  const spend = async (rules: readonly AcceptanceRule[], peer = 62) => {
    const [member] = await members(story, 1)
    const device = await enrol(story, member!)
    const [issued] = await issue(story, await benefit(story, {}, rules), [member!])
    voucher = issued!
    shown = await show(story, device, voucher)
    const standing = standingElsewhere(peer, place)
    const { terminalId } = standing
    const asked = { by: { shown }, terminalId, elsewhere: standing, requestDigest, details: {} }
    return story.store.transaction((tx) => redeem(tx, story.node, { ...asked, now: story.now }))
  }

  beforeAll(async () => {
    story = await tellStory(engine)
    const made = await spend([
      { target: 'region', value: '62' },
      { target: 'node', value: '62' },
    ])
    await tick(story)
    receipt = Buffer.from((await receiptOf(story.store.read, made.redemption.entryId))!).toString()
    const { evidence = '', merchant = '' } = made.opens
    leaf = {
      ...{ own: 62, voucherId: voucher.id, amount: 1000, leafHash: toBase64url(made.leafHash) },
      step: {
        ...{ kind: 'redeem', evidence: shown.evidence, requestDigest },
        opens: { evidence, merchant },
      },
    }
    believed = { vkeys: [story.logKey.vkey], witnesses: undefined }
  })

  it('proves what was asked, and leaves books that the auditor finds whole', async () => {
    const ref = await verifyHomeReceipt(receipt, believed, leaf)
    expect(toBase64url(ref)).toBe(leaf.leafHash)
    await audit(story)
  })

  it('proves nothing else', async () => {
    const step = leaf.step as ExpectedLeaf['step'] & { kind: 'redeem' }
    const { evidence, merchant } = step.opens
    const digest = sha256('another')
    const wrong: Partial<ExpectedLeaf>[] = [
      { amount: 1001 },
      { own: 63 },
      { voucherId: `${voucher.id.slice(0, 31)}${voucher.id.endsWith('0') ? '1' : '0'}` },
      { leafHash: toBase64url(digest) },
      { step: { ...step, evidence: digest } },
      { step: { ...step, requestDigest: digest } },
      { step: { ...step, opens: { evidence: merchant, merchant: evidence } } },
      { step: { kind: 'reverse', ref: digest } },
    ]
    for (const one of wrong) {
      const told = verifyHomeReceipt(receipt, believed, { ...leaf, ...one })
      await expect(told, JSON.stringify(one)).rejects.toMatchObject({ code: 'RECEIPT_OF_ANOTHER' })
    }
  })

  it('is believed by the keys of its log and the quorum that is asked for alone', async () => {
    const { keyring, logKey } = story
    const other = `${logKey.vkey.split('+')[0]}x`
    const foreign = { ...believed, vkeys: [logKey.vkey.replace(/^[^+]+/, other)] }
    await expect(verifyHomeReceipt(receipt, foreign, leaf)).rejects.toMatchObject({
      code: expect.stringMatching(/^(VKEY|NOTE)_/),
    })
    const lines = `log ${logKey.vkey}\nwitness w ${keyring.witness!.vkey}\nquorum w\n`
    const witnesses = parsePolicy(sha256, Buffer.from(lines))
    const unseen = verifyHomeReceipt(receipt, { ...believed, witnesses }, leaf)
    await expect(unseen).rejects.toMatchObject({ code: 'QUORUM_NOT_MET' })
    const index = receipt.indexOf('extra ') + 30
    const letter = receipt[index] === 'A' ? 'B' : 'A'
    const changed = `${receipt.slice(0, index)}${letter}${receipt.slice(index + 1)}`
    await expect(verifyHomeReceipt(changed, believed, leaf)).rejects.toMatchObject({
      code: 'INCLUSION_INVALID',
    })
  })

  it('is not written where the benefit lets that node in nowhere', async () => {
    const all = { target: 'all', value: '' } as const
    const closed: AcceptanceRule[][] = [
      [all],
      [{ target: 'node', value: '62' }],
      [all, { target: 'node', value: '63' }],
      [
        { target: 'category', value: 'clinic' },
        { target: 'node', value: '*' },
      ],
    ]
    for (const rules of closed) {
      await expect(spend(rules)).rejects.toMatchObject({ code: 'STORE_NOT_ACCEPTED' })
    }
    expect((await spend([all, { target: 'node', value: '*' }])).redemption.amount).toBe(1000)
  })
})
