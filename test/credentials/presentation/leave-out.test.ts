import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { leaveOut, planAnswer, sendAnswer } from '../../../src/wallet/answer.ts'
import { resolveRequest } from '../../../src/wallet/request.ts'
import {
  asked,
  nameQuery,
  newCredential,
  openVerifier,
  platformOf,
  result,
  trusting,
  type VerifierTest,
} from './ground.ts'

describe('what a member leaves out', () => {
  let ground: VerifierTest
  beforeAll(async () => {
    ground = await openVerifier('sqlite')
  })
  afterAll(() => ground.close())

  const planned = async (changes: object) => {
    const { id, link } = await asked(ground, { dcql_query: nameQuery(ground, changes) })
    const platform = platformOf(ground.server)
    const request = await resolveRequest(
      platform,
      link,
      trusting(ground.server, () => ground.server.now),
    )
    return { id, platform, plan: planAnswer(platform, request, [await newCredential(ground)]) }
  }
  const claims = [
    { id: 'n', path: ['name'] },
    { id: 's', path: ['standing'], values: ['active'] },
  ]

  it('is not shown, where the verifier takes an answer without it', async () => {
    const { id, platform, plan } = await planned({ claims, claim_sets: [['n', 's'], ['s']] })
    const less = leaveOut(plan, 'card', [['name']])
    expect(less?.showings[0]?.paths).toEqual([['standing']])
    if (!less) throw new Error('nothing may be left out')
    await sendAnswer(platform, less)
    const { state, credentials } = await result(ground, id)
    expect(state).toBe('verified')
    expect(JSON.stringify(credentials)).not.toContain('李雷')
  })

  it('is nothing where every claim is needed', async () => {
    const needed = await planned({ claims })
    expect(leaveOut(needed.plan, 'card', [['name']])).toBeUndefined()
    const { plan } = await planned({ claims, claim_sets: [['n', 's'], ['s']] })
    expect(leaveOut(plan, 'card', [['standing']])).toBeUndefined()
    expect(leaveOut(plan, 'card', [])).toBe(plan)
  })
})
