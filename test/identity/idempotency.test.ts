import { setTimeout as sleep } from 'node:timers/promises'

import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { day } from '../../src/base/clock.ts'
import { Refusal } from '../../src/base/refusal.ts'
import { sha256 } from '../../src/base/sha256.ts'
import {
  type Answer,
  type Attempt,
  answerOf,
  forgetAnswers,
  keepAnswer,
  keepRefusal,
  reserve,
} from '../../src/identity/idempotency.ts'
import type { Tx } from '../../src/store/store.ts'
import { type Deployment, freshDeployment, foundedAt as now } from '../support/deployment.ts'
import { engines } from '../support/engines.ts'

describe.each(engines)('an idempotency key on %s', (engine) => {
  let deployment: Deployment
  beforeEach(async () => {
    deployment = await freshDeployment(engine)
  })
  afterEach(() => deployment.close())

  const attempt = (body = 'body', changes: Partial<Attempt> = {}): Attempt => {
    const requestHash = sha256(body)
    return {
      principal: 'terminal:1',
      route: 'POST /redemptions',
      key: 'k1',
      requestHash,
      alone: engine === 'sqlite',
      ...changes,
    }
  }
  let effects = 0

  /** A write as `http/write.ts` does it. `effect` is what it does, once. */
  const write = (asked: Attempt, effect: (tx: Tx) => Promise<Answer> = done) => {
    const { store, node } = deployment
    return store.transaction(
      async (tx) => {
        const before = await reserve(tx, node, asked, now)
        if (before) return { ...before, replayed: true }
        const answer = await effect(tx)
        await keepAnswer(tx, node, asked, answer, now)
        return { ...answer, replayed: false }
      },
      {
        onRefusal: async (tx, { code }) => {
          if (code.startsWith('IDEMPOTENCY')) return
          await keepRefusal(tx, node, asked, { status: 409, body: code }, now)
        },
      },
    )
  }
  const done = async (): Promise<Answer> => ({ status: 201, body: `{"n":${++effects}}` })

  it('answers the same request the same, with one effect', async () => {
    const first = await write(attempt())
    expect(first).toMatchObject({ status: 201, replayed: false })
    const { status, body } = first
    expect(await write(attempt())).toEqual({ status, body, replayed: true })
  })

  it('is refused for another body', async () => {
    await write(attempt())
    await expect(write(attempt('other'))).rejects.toMatchObject({ code: 'IDEMPOTENCY_KEY_REUSED' })
  })

  it('is another key for another principal or route', async () => {
    await write(attempt())
    for (const changes of [{ principal: 'terminal:2' }, { route: 'POST /x' }, { key: 'k2' }]) {
      expect(await write(attempt('body', changes))).toMatchObject({ replayed: false })
    }
  })

  it('answers a refusal again, though what was refused was undone', async () => {
    const refuse = async (): Promise<Answer> => {
      throw new Refusal('ALREADY_REDEEMED')
    }
    await expect(write(attempt(), refuse)).rejects.toMatchObject({ code: 'ALREADY_REDEEMED' })
    expect(await write(attempt())).toEqual({
      status: 409,
      body: 'ALREADY_REDEEMED',
      replayed: true,
    })
  })

  it('is free again when the first request failed by our mistake', async () => {
    const fail = async (): Promise<Answer> => {
      throw new TypeError('a bug')
    }
    await expect(write(attempt(), fail)).rejects.toThrow('a bug')
    expect(await write(attempt())).toMatchObject({ replayed: false })
  })

  it('has one effect, however many twins come at the same time', async () => {
    const before = effects
    const slowly = async (): Promise<Answer> => {
      if (engine === 'postgres') await sleep(20) // SQLite runs them one by one anyway
      return done()
    }
    const all = await Promise.all(Array.from({ length: 16 }, () => write(attempt(), slowly)))
    expect(effects).toBe(before + 1)
    expect(all.filter(({ replayed }) => !replayed)).toHaveLength(1)
    expect(new Set(all.map(({ body }) => body)).size).toBe(1)
  })

  it('gives a twin of a refused request the refusal', async () => {
    const refuse = async (): Promise<Answer> => {
      if (engine === 'postgres') await sleep(20)
      throw new Refusal('ALREADY_REDEEMED')
    }
    const all = await Promise.allSettled(Array.from({ length: 8 }, () => write(attempt(), refuse)))
    for (const one of all) {
      if (one.status === 'rejected') expect(one.reason).toMatchObject({ code: 'ALREADY_REDEEMED' })
      else expect(one.value).toMatchObject({ status: 409, body: 'ALREADY_REDEEMED' })
    }
  })

  it('tells a client that lost its answer, and nobody before there is one', async () => {
    const { principal, route, key } = attempt()
    const ask = () => answerOf(deployment.store.read, deployment.node, { principal, route, key })
    expect(await ask()).toBeUndefined()
    const { status, body } = await write(attempt())
    expect(await ask()).toEqual({ status, body })
  })

  it('keeps answers sealed, and for eight days', async () => {
    await write(attempt('body'), async () => ({ status: 201, body: '{"name":"王芳"}' }))
    const { store } = deployment
    const rows = await store.read.select().from(store.read.tables.idempotency)
    expect(Buffer.from(rows[0]!.answer, 'base64').toString()).not.toContain('王芳')
    await store.transaction((tx) => forgetAnswers(tx, now + 8 * day - 1))
    expect(await write(attempt())).toMatchObject({ replayed: true })
    await store.transaction((tx) => forgetAnswers(tx, now + 8 * day))
    expect(await write(attempt())).toMatchObject({ replayed: false })
  })
})
