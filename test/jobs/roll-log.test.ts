import { readdirSync, rmSync } from 'node:fs'

import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { openDeployment } from '../../src/compose.ts'
import { readConfig } from '../../src/config.ts'
import { publishOwnList, renewOwnList } from '../../src/jobs/own-list.ts'
import { nextKey, rollYear } from '../../src/jobs/roll-log.ts'
import { keyFolderOf } from '../../src/keys/keyring.ts'
import { allLogs } from '../../src/ledger/log-state.ts'
import { keptTrustLists } from '../../src/trust/trust-lists.ts'
import { expectAudited } from '../support/audited.ts'
import { type Deployment, freshDeployment } from '../support/deployment.ts'
import { engines } from '../support/engines.ts'

/** The last second of 2026 and the first of 2027, where the union keeps its books. */
const eve = Date.UTC(2026, 11, 31, 15, 59, 59)
const newYear = eve + 1000

describe.each(engines)('the job that ends the year, on %s', (engine) => {
  let deployment: Deployment
  beforeAll(async () => {
    deployment = await freshDeployment(engine)
    await deployment.store.close()
  })
  afterAll(() => rmSync(deployment.data, { recursive: true, force: true }))

  const open = () =>
    openDeployment({ data: deployment.data, config: readConfig(deployment.env), clock: () => eve })

  it('waits for the midnight of the union, and is done by one of two instances', async () => {
    const [one, two] = await Promise.all([open(), open()])
    const roll = (given: typeof one, now: number) => rollYear({ ...given, clock: () => now })
    expect(await roll(one, eve)).toBeUndefined()
    if (engine === 'postgres') {
      await expect(roll(one, newYear)).rejects.toThrow(/does not hold the key .* next-key/)
      expect(await allLogs(one.store.read)).toHaveLength(1)
      nextKey(one, 2027)
    }
    // A key that a roll has made before it died is used, not made again.
    const vkey = nextKey(one, 2027)
    const rolled =
      engine === 'postgres'
        ? await Promise.all([roll(one, newYear), roll(two, newYear)])
        : [await roll(one, newYear), await roll(two, newYear)]
    const [done, ...rest] = rolled.filter((each) => each !== undefined)
    expect(done).toMatchObject({ closed: 'log.nx.test/2026', size: 1, vkey })
    expect(rest).toEqual([])
    for (const each of [one, two]) {
      expect(each.logs.name).toBe('log.nx.test/2027')
      expect(each.logs.nameAt(eve)).toBe('log.nx.test/2026')
      expect(each.logs.nameAt(newYear)).toBe('log.nx.test/2027')
      expect(await roll(each, newYear)).toBeUndefined()
    }
    await two.close()
    await expectAudited(one)
  })

  it('puts the new key on the node’s own list', async () => {
    const opened = await open()
    const authority = (await opened.ownRoot())!
    const first = { ...opened, logs: { vkeys: opened.logs.vkeys.slice(0, 1) } }
    const change = { entries: [], withdrawn: [], days: 30, now: eve }
    await publishOwnList(first, authority, change)
    expect(await renewOwnList({ ...first, clock: () => newYear })).toBe(false)
    expect(await renewOwnList({ ...opened, clock: () => newYear })).toBe(true)
    expect(await renewOwnList({ ...opened, clock: () => newYear })).toBe(false)
    const [kept] = await keptTrustLists(opened.store.read, opened.trustRoots)
    const log = kept!.list.nodes[0]!.services.find(({ role }) => role === 'log')
    expect(log?.vkeys).toEqual(opened.logs.vkeys)
    await opened.close()
  })

  it('leaves a server without the new key unable to start, and says why', async () => {
    const { path } = keyFolderOf(deployment.data)
    const file = readdirSync(path).find((name) => name.includes('2027'))
    rmSync(`${path}/${file}`)
    await expect(open()).rejects.toThrow(/key of log log\.nx\.test\/2027 is not in the key folder/)
  })
})
