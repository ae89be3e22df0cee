import { afterEach, describe, expect, it } from 'vitest'

import { openDeployment } from '../../src/compose.ts'
import { readConfig } from '../../src/config.ts'
import { foundBench, redeemGround } from '../bench/redeem-ground.ts'
import { expectAudited } from '../support/audited.ts'
import { engines, freshDatabase } from '../support/engines.ts'
import { freePort, type ServerProcess, spawnServer } from '../support/process.ts'
import { codeOf, redeemAt } from '../support/shop-floor.ts'

const full = process.env.EFFORT === 'full'
const rounds = full ? 1000 : 16
const perMember = Math.ceil(rounds / 64)
const lost = ['ALREADY_REDEEMED', 'TOKEN_ALREADY_USED', 'VERSION_CONFLICT']

const running: ServerProcess[] = []
afterEach(async () => {
  await Promise.all(running.splice(0).map((one) => one.kill()))
})

describe.each(engines)('a race over HTTP on %s', (engine) => {
  const instances = engine === 'postgres' ? 2 : 1

  it(
    `lets exactly one of 64 terminals win, ${rounds} times, ${instances} processes`,
    async () => {
      const location = await freshDatabase(engine)
      const url = location.engine === 'sqlite' ? `sqlite:${location.path}` : location.url
      const env = { DATABASE_URL: url }
      const data = await foundBench(url)
      const open = () => openDeployment({ data, config: readConfig(env) })
      const seeding = await open()
      const floor = await redeemGround(seeding, perMember)
      await seeding.close()
      for (let i = 0; i < instances; i++) {
        running.push(await spawnServer(data, env, await freePort()))
      }
      for (let round = 0; round < rounds; round++) {
        const member = round % 64
        const voucher = floor.devices[member]?.vouchers[Math.floor(round / 64)] ?? ''
        const body = { code: codeOf(floor, member, voucher) }
        const answers = await Promise.all(
          floor.terminals.map((_, at) => {
            const server = running[at % running.length]
            if (!server) throw new TypeError('no server')
            return redeemAt(floor, server, at, `round-${round}-${at}`, body)
          }),
        )
        expect(answers.filter(({ status }) => status === 201)).toHaveLength(1)
        const others = answers.filter(({ status }) => status !== 201)
        expect(
          others.map(({ body: told }) => told.code).filter((c) => !lost.includes(`${c}`)),
        ).toEqual([])
      }
      await Promise.all(running.splice(0).map((one) => one.kill()))
      const deployment = await open()
      const { redemptions } = deployment.store.read.tables
      expect(await deployment.store.read.$count(redemptions)).toBe(rounds)
      await expectAudited(deployment)
    },
    full ? 1_800_000 : 120_000,
  )
})
