import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { fromHex } from '../../src/base/bytes.ts'
import { systemClock } from '../../src/base/clock.ts'
import { decideBatch } from '../../src/benefits/batches/approve.ts'
import { createStaff } from '../../src/identity/principals.ts'
import { answerOf, symbolon } from '../support/command-line.ts'
import { engines } from '../support/engines.ts'
import { audit, benefit, members, type Story, staff, tellStory } from '../support/story.ts'

describe.each(engines)('the batch command on %s', (engine) => {
  let story: Story
  let maker = ''
  let benefitId = ''
  beforeEach(async () => {
    story = await tellStory(engine)
    story.now = systemClock() // commands have no other clock
    await members(story, 3)
    benefitId = (await benefit(story)).benefitId
    const grants = [{ role: 'maker' as const, orgCode: '640000' }]
    const given = { name: '王干事', grants, now: story.now }
    maker = (await story.store.transaction((tx) => createStaff(tx, given))).id
  })
  afterEach(() => story.close())

  const run = (...argv: string[]) =>
    symbolon(['batch', ...argv, '--data', story.data, '--json'], story.env)
  const act = (verb: string, batch: string) => run(verb, batch, '--as', maker)
  const create = () => run('create', '--as', maker, '--benefit', benefitId, '--org', '640000')

  it('takes a batch from its draft to its vouchers', async () => {
    const created = await create()
    expect(created).toMatchObject({ code: 0, err: '' })
    const { batch: id, ...draft } = answerOf(created)
    const batch = String(id)
    expect(draft).toEqual({ state: 'draft' })

    const measured = answerOf(await act('dry-run', batch))
    expect(measured).toMatchObject({ batch, state: 'ready', members: 3, total_fen: 3000 })
    const { digest } = measured
    expect(digest).toMatch(/^[0-9a-f]{64}$/)

    expect(answerOf(await act('submit', batch))).toMatchObject({ state: 'submitted', digest })
    expect(await act('start', batch)).toMatchObject({ code: 1, out: '' })

    const checker = { ...staff, principalId: 'principal-checker', personId: 'person-checker' }
    const octets = fromHex(String(digest))
    if (!octets) throw new TypeError('a digest is hexadecimal')
    const decision = { ...checker, digest: octets, decision: 'approve', statement: 'jws' } as const
    await story.store.transaction((tx) => decideBatch(tx, batch, decision, systemClock()))
    expect(answerOf(await act('start', batch))).toMatchObject({ state: 'running', issued: 0 })
    expect(answerOf(await act('pause', batch))).toMatchObject({ state: 'paused' })
    expect(answerOf(await act('resume', batch))).toMatchObject({ state: 'running' })

    const ran = await run('run')
    expect(ran).toMatchObject({ code: 0, err: '' })
    expect(answerOf(ran)).toEqual({ ran: 'everything that was started' })
    const shown = answerOf(await run('show', batch))
    expect(shown).toMatchObject({ batch, state: 'completed', issued: 3, dropped: 0 })
    await audit(story)
  })

  it('answers 1 with the code of what was refused', async () => {
    const unknown = await run('show', 'nothing')
    expect(unknown).toMatchObject({ code: 1, out: '' })
    expect(unknown.err).toContain('refused: NOT_FOUND')
    const nobody = await run('create', '--as', 'x', '--benefit', benefitId, '--org', '640000')
    expect(nobody.err).toContain('refused: NOT_FOUND')
    const above = await run('create', '--as', maker, '--benefit', benefitId, '--org', '000000')
    expect(above).toMatchObject({ code: 1, err: expect.stringContaining('refused: OUT_OF_SCOPE') })
  })

  it('answers 2 for what it does not understand', async () => {
    for (const argv of [
      [],
      ['issue', 'x', '--as', maker],
      ['submit', 'x'],
      ['create', '--as', maker, '--benefit', benefitId],
      ['create', '--as', maker, '--benefit', benefitId, '--org', '640000', '--delivery', 'post'],
      ['create', '--as', maker, '--benefit', benefitId, '--org', '640000', '--criteria', '{'],
    ]) {
      const ran = await run(...argv)
      expect(ran, argv.join(' ')).toMatchObject({ code: 2, out: '' })
      expect(ran.err).toContain('usage: symbolon batch')
    }
  })
})
