import { setTimeout as sleep } from 'node:timers/promises'

import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { sha256 } from '../../../src/base/sha256.ts'
import { must } from '../../../src/cli/demo/desk.ts'
import { readCredential } from '../../../src/formats/sd-jwt/present.ts'
import { engines } from '../../support/engines.ts'
import { counties, importRoster, roster } from '../../support/union.ts'
import { copiesOf, openUnion, signedIn, type Union } from '../../support/wallet-agent.ts'

describe.each(engines)('a roster that is imported again on %s', (engine) => {
  let union: Union
  beforeAll(async () => {
    union = await openUnion(engine)
  })
  afterAll(() => union.server.close())

  const statusesOf = async (memberNo: string) => {
    const { staff } = union
    const { id } = await must(staff.ask('POST', '/admin/members/search', { member_no: memberNo }))
    const { items } = await must(staff.ask('GET', `/admin/members/${id}/credentials`))
    return (items as { status: string }[]).map(({ status }) => status)
  }

  it('revokes the credentials of who has changed, and of nobody else; refreshed ones say it', async () => {
    const { server, staff, people } = union
    const [changed = '', same = ''] = people
    const wallet = await signedIn(union, changed)
    await wallet.credentials(wallet.token, 2)
    const other = await signedIn(union, same)
    await other.credentials(other.token)
    const { csv } = roster(counties[0], 6)
    const lines = csv.toString().split('\n')
    const file = lines.map((line) =>
      line.startsWith(changed) ? line.replace(',courier,', ',truck_driver,') : line,
    )
    server.now += 1000
    await importRoster(server, staff, { org: counties[0], file: Buffer.from(file.join('\n')) })
    const patience = AbortSignal.timeout(10_000)
    while ((await statusesOf(changed)).some((status) => status !== 'revoked')) {
      if (patience.aborted) throw new Error('the copies were not revoked')
      await sleep(50)
    }
    expect(await statusesOf(same)).toEqual(['valid'])
    const form = { grant_type: 'refresh_token', refresh_token: wallet.refreshToken }
    const token = String((await wallet.tokens(form)).body.access_token)
    const [copy = ''] = copiesOf(await wallet.credentials(token))
    expect(readCredential(sha256, copy).claims.occupation_group).toBe('truck_driver')
  })
})
