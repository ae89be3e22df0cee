import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { systemClock } from '../../src/base/clock.ts'
import { readInvitation } from '../../src/identity/invitations.ts'
import { readPrincipal } from '../../src/identity/principals.ts'
import { answerOf, symbolon } from '../support/command-line.ts'
import { engines } from '../support/engines.ts'
import { type Story, tellStory } from '../support/story.ts'

describe.each(engines)('staff invite on %s', (engine) => {
  let story: Story
  beforeEach(async () => {
    story = await tellStory(engine)
  })
  afterEach(() => story.close())

  const invite = (...more: string[]) =>
    symbolon(['staff', 'invite', '--data', story.data, ...more, '--json'], story.env)
  const open = (address: unknown) => {
    const token = new URL(String(address)).hash.split('/').at(-1) ?? ''
    return readInvitation(story.store.read, story.node, { token, now: systemClock() })
  }

  it('prints the address at which somebody with that role makes a passkey', async () => {
    const ran = await invite('--org', '640000', '--role', 'maker', '--name', '王干事')
    expect(ran).toMatchObject({ code: 0, err: '' })
    const { staff_id, address } = answerOf(ran)
    expect(await open(address)).toMatchObject({ principalId: staff_id, name: '王干事' })
    expect(await readPrincipal(story.store.read, String(staff_id))).toMatchObject({
      grants: [{ role: 'maker', path: '000000/640000/' }],
    })
  })

  it('invites somebody again who has lost theirs, and ends the invitation before', async () => {
    const first = answerOf(await invite('--org', '640000', '--role', 'maker', '--name', '王干事'))
    const again = answerOf(await invite('--staff', String(first.staff_id)))
    expect(await open(again.address)).toMatchObject({ principalId: first.staff_id })
    await expect(open(first.address)).rejects.toMatchObject({ code: 'ACTIVATION_INVALID' })
  })

  it('refuses what it does not understand, and an organisation that is not there', async () => {
    expect(await invite('--org', '640000', '--role', 'king', '--name', 'x')).toMatchObject({
      ...{ code: 2 },
    })
    const ran = await invite('--org', '999999', '--role', 'maker', '--name', 'x')
    expect([ran.code, ran.err]).toEqual([1, expect.stringContaining('NOT_FOUND')])
  })
})
