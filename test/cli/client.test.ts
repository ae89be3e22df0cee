import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { readPrincipal } from '../../src/identity/principals.ts'
import { newEs256Key } from '../../src/keys/sign-jws.ts'
import { answerOf, symbolon } from '../support/command-line.ts'
import { engines } from '../support/engines.ts'
import { type Story, tellStory } from '../support/story.ts'

describe.each(engines)('client create on %s', (engine) => {
  let story: Story
  beforeEach(async () => {
    story = await tellStory(engine)
  })
  afterEach(() => story.close())

  const create = (...more: string[]) =>
    symbolon(
      ['client', 'create', '--data', story.data, '--name', 'desk', ...more, '--json'],
      story.env,
    )
  const jwkFile = (jwk: object) => {
    const path = join(story.data, 'client.jwk')
    writeFileSync(path, JSON.stringify(jwk))
    return path
  }

  it('tells a secret once to who has no key', async () => {
    const ran = await create('--owner-name', '王干事', '--role', 'maker@640000')
    expect(ran).toMatchObject({ code: 0, err: '' })
    const { owner_id, client_id, client_secret } = answerOf(ran)
    expect(client_secret).toMatch(/^[\w-]{43}$/)
    const client = await readPrincipal(story.store.read, String(client_id))
    const owner = await readPrincipal(story.store.read, String(owner_id))
    const grants = [{ role: 'maker', path: '000000/640000/' }]
    expect(client).toMatchObject({ kind: 'client', signs: false, grants })
    expect(owner).toMatchObject({ kind: 'staff', personId: client?.personId })
  })

  it('registers a public key for private_key_jwt, for an owner who is there', async () => {
    const first = await create('--owner-name', '王干事', '--role', 'maker@640000')
    const owner = String(answerOf(first).owner_id)
    const file = jwkFile(newEs256Key().jwk)
    const ran = await create(
      ...['--owner', owner, '--jwk', file],
      ...['--role', 'maker@640000', '--role', 'approver@000000'],
    )
    expect(ran).toMatchObject({ code: 0, err: '' })
    const { client_id, ...rest } = answerOf(ran)
    expect(rest).toEqual({ owner_id: owner })
    const client = await readPrincipal(story.store.read, String(client_id))
    expect(client).toMatchObject({ kind: 'client', signs: true })
    expect(client?.grants).toHaveLength(2)
  })

  it('answers 1 for an owner, a key or an organisation that is not there', async () => {
    const maker = ['--role', 'maker@640000']
    expect(await create('--owner', 'nobody', ...maker)).toMatchObject({ code: 1, out: '' })
    const weak = jwkFile({ kty: 'EC', crv: 'P-256', x: 'AA', y: 'AA' })
    const keyed = await create('--owner-name', 'x', '--jwk', weak, ...maker)
    expect(keyed).toMatchObject({ code: 1, out: '' })
    expect(keyed.err).toContain('VALIDATION_FAILED')
    const nowhere = await create('--owner-name', 'x', '--role', 'maker@999999')
    expect(nowhere).toMatchObject({ code: 1, out: '' })
    const { principals } = story.store.read.tables
    const names = await story.store.read.select({ name: principals.name }).from(principals)
    expect(names.filter(({ name }) => name === 'x')).toEqual([])
  })

  it('answers 2 for a role nobody knows, or none', async () => {
    for (const role of [['--role', 'king@640000'], ['--role', 'maker'], []]) {
      const ran = await create('--owner-name', 'x', ...role)
      expect(ran).toMatchObject({ code: 2, out: '' })
      expect(ran.err).toContain('usage: symbolon client create')
    }
  })
})
