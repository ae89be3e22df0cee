import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, describe, expect, it } from 'vitest'

import { day, systemClock } from '../../src/base/clock.ts'
import { openDeployment, serve } from '../../src/compose.ts'
import { readConfig } from '../../src/config.ts'
import { renewOwnList } from '../../src/jobs/own-list.ts'
import { keptTrustLists } from '../../src/trust/trust-lists.ts'
import { symbolon } from '../support/command-line.ts'

const folder = mkdtempSync(join(tmpdir(), 'symbolon-own-list-'))
const founding = ['--node', 'nx', '--name', '宁夏', '--number', '64']
const url = 'https://nx.example'

describe('the trust list of a node that is its own root', () => {
  afterAll(() => rmSync(folder, { recursive: true }))

  const at = (name: string) => join(folder, name)
  const found = (name: string, more: readonly string[] = [], env = {}) =>
    symbolon(['found', '--data', at(name), '--url', url, ...founding, ...more], env)
  const open = (name: string) =>
    openDeployment({ data: at(name), config: readConfig({ KEYS_PASSPHRASE: 'open' }) })

  it('is served from the first minute, and names the node for every role', async () => {
    expect((await found('fresh')).code).toBe(0)
    const config = readConfig({ PORT: '0', PUBLIC_URL: url, LOG_LEVEL: 'silent' })
    const deployment = await openDeployment({ data: at('fresh'), config })
    const served = await serve(deployment, { config })
    const answer = await fetch(`http://127.0.0.1:${served.at}/trust-list`)
    expect(answer.status).toBe(200)
    const [kept] = await keptTrustLists(deployment.store.read, deployment.trustRoots)
    expect(await answer.text()).toBe(kept?.token)
    expect(kept?.list.nodes.map((node) => node.url)).toEqual([url])
    expect(kept?.list.nodes[0]?.services.map(({ role }) => role)).toEqual([
      ...['issuer', 'status', 'verifier', 'log', 'witness', 'redeemer'],
    ])
    await served.close()
  })

  it('is renewed at half its time, once by however many instances, from sealed keys', async () => {
    await found('sealed', [], { KEYS_PASSPHRASE: 'open' })
    const deployment = await open('sealed')
    const sequence = async () => {
      const [kept] = await keptTrustLists(deployment.store.read, deployment.trustRoots)
      return kept?.list.sequence
    }
    const renew = (days: number) => {
      const clock = () => systemClock() + days * day
      return renewOwnList({ ...deployment, clock })
    }
    expect([await renew(14), await sequence()]).toEqual([false, 1])
    const both = await Promise.all([renew(15.1), renew(15.2)])
    expect([both.filter(Boolean).length, await sequence()]).toEqual([1, 2])
    expect([await renew(29), await sequence()]).toEqual([false, 2])
    expect([await renew(60), await sequence()]).toEqual([true, 3])
    await deployment.close()
  })

  it('is not made by a node whose root is another’s', async () => {
    const env = { ROOT_PASSPHRASE: 'root' }
    await symbolon(['root', 'create', '--out', at('root'), '--name', 'national'], env)
    expect((await found('certified', ['--root', at('root')], env)).code).toBe(0)
    const deployment = await open('certified')
    const lists = () => keptTrustLists(deployment.store.read, deployment.trustRoots)
    expect(await lists()).toEqual([])
    expect(await renewOwnList({ ...deployment, clock: systemClock })).toBe(false)
    expect(await lists()).toEqual([])
    await deployment.close()
  })
})
