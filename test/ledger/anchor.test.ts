import { copyFileSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import pg from 'pg'
import { describe, expect, it } from 'vitest'

import { newId } from '../../src/base/id.ts'
import { openDeployment } from '../../src/compose.ts'
import { readConfig } from '../../src/config.ts'
import { writeAnchor } from '../../src/ledger/anchor.ts'
import { integrate } from '../../src/ledger/integrate.ts'
import { post } from '../../src/ledger/journal.ts'
import type { Location } from '../../src/store/open.ts'
import { symbolon } from '../support/command-line.ts'
import { type Deployment, freshDeployment } from '../support/deployment.ts'
import { engines } from '../support/engines.ts'

/** Opens the deployment with its anchor, writes so many leaves, notes the anchor and ends. */
async function live(data: string, env: Record<string, string>, leaves: number): Promise<void> {
  const config = readConfig(env)
  const { store, node, logs, close } = await openDeployment({ data, config })
  try {
    for (let i = 0; i < leaves; i++) {
      const entry = { id: newId(Date.now()), kind: 'device.revoke', bucket: 0, at: Date.now() }
      await store.transaction((tx) => post(tx, node, entry))
    }
    const tick = () =>
      store.transaction((tx) => integrate(tx, logs.keyOf, Date.now(), { shared: true }))
    if (store.engine === 'postgres') while ((await tick()) > 0);
    if (config.anchorFile) await writeAnchor(store.read, config.anchorFile)
  } finally {
    await close()
  }
}

/** A copy of a database at rest; answers how to put it back. */
async function backUp(location: Location): Promise<() => Promise<void>> {
  if (location.engine === 'sqlite') {
    const copy = `${location.path}.backup`
    copyFileSync(location.path, copy)
    return async () => copyFileSync(copy, location.path)
  }
  const url = new URL(location.url)
  const name = url.pathname.slice(1)
  url.pathname = '/postgres'
  const run = async (...statements: string[]) => {
    const admin = new pg.Client({ connectionString: url.href })
    await admin.connect()
    for (const statement of statements) await admin.query(statement)
    await admin.end()
  }
  await run(`create database ${name}_old template ${name}`)
  return () => run(`drop database ${name}`, `create database ${name} template ${name}_old`)
}

describe.each(engines)('an old backup that was restored, on %s', (engine) => {
  async function ground(): Promise<{ deployment: Deployment; env: Record<string, string> }> {
    const deployment = await freshDeployment(engine)
    await deployment.store.close()
    const anchor = join(deployment.data, 'anchor')
    return { deployment, env: { ...deployment.env, ANCHOR_FILE: anchor } }
  }

  it('is refused by server and commands, in words that say what to do', async () => {
    const { deployment, env } = await ground()
    const { data, location } = deployment
    await live(data, env, 2)
    const restore = await backUp(location)
    await live(data, env, 3)
    await restore()
    const words = /holds 2 leaves and the anchor 5: an old backup.*nothing is signed.*running\.md/
    await expect(live(data, env, 1)).rejects.toThrow(words)
    const ran = await symbolon(['ledger', 'rotate-key', '--data', data], env)
    expect(ran.code).not.toBe(0)
    expect(ran.err).toMatch(words)
  })

  it('is refused also when it was written on meanwhile, and has more leaves', async () => {
    const { deployment, env } = await ground()
    const { data, location } = deployment
    await live(data, env, 2)
    const restore = await backUp(location)
    await live(data, env, 3)
    await restore()
    await live(data, deployment.env, 9) // somebody took the anchor away
    await expect(live(data, env, 1)).rejects.toThrow(/not a continuation of the anchor's 5 leaves/)
  })

  it('is refused when it is of the year before, and the anchor of the new one', async () => {
    const { deployment, env } = await ground()
    const { data, location } = deployment
    await live(data, env, 2)
    const restore = await backUp(location)
    const anchor = readFileSync(env.ANCHOR_FILE!, 'utf8')
    const roll = (...args: string[]) => symbolon(['ledger', ...args, '--data', data], env)
    expect(await roll('next-key')).toMatchObject({ code: 0 })
    expect(await roll('roll', '--year', '2027')).toMatchObject({ code: 0 })
    const rolled = readFileSync(env.ANCHOR_FILE!, 'utf8')
    expect(rolled).toMatch(/^log\.nx\.test\/2027\n1\n/)
    // A crash between the roll and the anchor leaves the old one: it is the beginning of the truth.
    writeFileSync(env.ANCHOR_FILE!, anchor)
    await live(data, env, 1)
    writeFileSync(env.ANCHOR_FILE!, rolled)
    await restore()
    await expect(live(data, env, 1)).rejects.toThrow(
      /holds 0 leaves and the anchor 1: an old backup/,
    )
  })

  it('is no other than the latest: that one is signed on', async () => {
    const { deployment, env } = await ground()
    const { data, location } = deployment
    await live(data, env, 2)
    const restore = await backUp(location)
    await restore()
    await live(data, env, 3)
    await live(data, env, 1)
  })
})
