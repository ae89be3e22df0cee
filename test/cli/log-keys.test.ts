import { writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'

import { type Ground, openGround } from '../http/ground.ts'
import { answerOf, symbolon } from '../support/command-line.ts'
import { engines } from '../support/engines.ts'
import { claim, phone } from '../support/union.ts'

describe.each(engines)('rotating the key of the log on %s', (engine) => {
  let ground: Ground
  let maker: Pick<Ground['maker'], 'ask'>
  let oldPolicy: string
  const ledger = (...args: string[]) => {
    const { data, env } = ground.server.deployment
    return symbolon(['ledger', ...args, '--data', data], env)
  }
  const verify = (policy: string) => {
    const file = `${ground.server.deployment.data}/policy`
    writeFileSync(file, policy)
    return ledger('verify', '--policy', file)
  }
  const policy = async () => (await ledger('policy')).out
  const keysIn = (text: string) => text.match(/^log .+/gm)
  const lines = (text: string) => text.split('\n').filter((line) => line.startsWith('— '))
  const checkpoint = async () => {
    const { read } = ground.server.store
    const [row] = await read.select().from(read.tables.logState)
    return row!.checkpoint
  }
  /** Something that the running server writes and signs, once it has seen which keys there are. */
  const write = async (i: number) => {
    const { url, store } = ground.server
    const keys = async () => keysIn(await (await fetch(`${url}/log-policy`)).text())
    const ours = keysIn(await policy())
    await vi.waitFor(async () => expect(await keys()).toEqual(ours), 20_000)
    const member = await phone(ground.server, maker.ask, ground.people[i]!.memberNo)
    await claim(member, ground.benefitId)
    while ((await store.read.$count(store.read.tables.pendingLeaves)) > 0) await sleep(20)
  }

  beforeAll(async () => {
    ground = await openGround(engine)
    ground.server.now = Date.now() // the command line looks at the machine's clock
    maker = await ground.maker.signIn()
    oldPolicy = await policy()
  })
  afterAll(() => ground.server.close())

  it('is announced in the log, and from then on both keys sign', async () => {
    expect(lines(await checkpoint())).toHaveLength(1)
    const told = answerOf(await ledger('rotate-key', '--json'))
    expect(oldPolicy).toContain(String(told.old))
    expect((await policy()).match(/^log /gm)).toHaveLength(2)
    await write(1)
    expect(lines(await checkpoint())).toHaveLength(2)
    for (const each of [oldPolicy, await policy(), `log ${told.new}\nquorum none\n`]) {
      expect(await verify(each)).toMatchObject({ code: 0 })
    }
    expect(await ledger('rotate-key')).toMatchObject({ code: 2 })
  })

  it('ends with the old key dropped: who knows only that one sees it no more', async () => {
    const { signing } = answerOf(await ledger('drop-key', '--json'))
    await write(2)
    expect(lines(await checkpoint())).toHaveLength(1)
    expect(await verify(`log ${signing}\nquorum none\n`)).toMatchObject({ code: 0 })
    expect((await verify(oldPolicy)).code).toBe(1)
    expect(await ledger('drop-key')).toMatchObject({ code: 2 })
    await ground.server.restart()
    await write(3)
    expect(await verify(await policy())).toMatchObject({ code: 0 })
  })
})
