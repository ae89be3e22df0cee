import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

import { setTimeout as sleep } from 'node:timers/promises'

import pino from 'pino'
import { expect } from 'vitest'

import type { Instant } from '../../src/base/clock.ts'
import { hour } from '../../src/base/clock.ts'
import type { Server } from '../../src/cli/demo/agent.ts'
import { openDeployment, type Served, serve } from '../../src/compose.ts'
import type { Store } from '../../src/store/store.ts'
import { type Deployment, type Founded, foundedAt, freshDeployment } from './deployment.ts'
import type { Engine } from './engines.ts'

/** A deployment that is served at an address of its own, at a time that the test sets. */
export interface TestServer extends Server {
  /** What every server takes for the time. */
  now: Instant
  /** What is served. Its own connection is for reading alone: see `store`. */
  readonly deployment: Deployment
  /**
   * The server's own store, for what a test writes past HTTP: two writers of one SQLite file in one
   * process wait for each other without letting each other go on.
   */
  readonly store: Store
  /** Every line that was logged. */
  readonly lines: readonly string[]
  /** Ends the servers and starts others on the same database, at the same address. */
  restart(): Promise<void>
  /** Expects that nothing was refused undeclared and nothing failed, and ends. */
  close(): Promise<void>
}

interface Wishes {
  /** Instances on the one database; with more than one, connections are dealt out in turn. */
  readonly instances?: number
  /** Stands between a server and its store, to watch it. */
  readonly watch?: (store: Store) => Store
  /** Below which path of its host the node is known: `/nodes/nx`. */
  readonly path?: string
  /** Whom the servers ask to cosign: a policy file, read at every start. */
  readonly witnesses?: { policy?: string }
  /** Who must have cosigned other nodes' receipts: a policy file, read at every start. */
  readonly peerWitnesses?: { policy?: string }
  /** Which node it is, and of whose root. */
  readonly as?: Founded
  /** Proxies whose word on who a client is counts. */
  readonly trustedProxies?: readonly string[]
}

export async function startServer(engine: Engine, wishes: Wishes = {}): Promise<TestServer> {
  const lines: string[] = []
  const door = await openDoor()
  const url = door.url + (wishes.path ?? '')
  const deployment = await freshDeployment(engine, undefined, url, wishes.as)
  let running: Served[] = []
  let stores: Store[] = []
  const server: TestServer = {
    now: foundedAt + 12 * hour,
    clock: () => server.now,
    url,
    deployment,
    lines,
    get store() {
      const [first] = stores
      if (!first) throw new TypeError('nothing is served')
      return first
    },
    async restart() {
      await Promise.all(running.map((one) => one.close()))
      await start()
    },
    async close() {
      await expectNoMistakes(server, running)
      await Promise.all(running.map((one) => one.close()))
      await door.close()
      await deployment.close()
    },
  }

  async function start() {
    running = []
    stores = []
    for (let i = 0; i < (wishes.instances ?? 1); i++) running.push(await startOne())
    await door.leadTo(running.map(({ at }) => at))
  }

  async function startOne(): Promise<Served> {
    const config = {
      databaseUrl: deployment.env.DATABASE_URL,
      port: 0,
      host: '127.0.0.1',
      publicUrl: server.url,
      anchorFile: undefined,
      logLevel: 'info',
      development: true,
      witnessPolicy: wishes.witnesses?.policy,
      peerPolicy: wishes.peerWitnesses?.policy,
      trustedProxies: wishes.trustedProxies,
    }
    const log = pino({ level: 'debug', base: null }, { write: (line) => lines.push(line) })
    const opened = await openDeployment({ data: deployment.data, config, clock: server.clock })
    stores.push(opened.store)
    const store = wishes.watch?.(opened.store) ?? opened.store
    return serve({ ...opened, store }, { config, clock: server.clock, log })
  }
  await start()
  return server
}

/** Every refusal was one that its operation declares, and no mistake of ours was logged. */
async function expectNoMistakes({ lines }: TestServer, running: readonly Served[]): Promise<void> {
  expect(lines.filter((line) => /"msg":"(mistake|job failed)"/.test(line))).toEqual([])
  for (const { at } of running) {
    const text = await (await fetch(`http://127.0.0.1:${at}/metrics`)).text()
    expect(text.match(/^symbolon_undeclared_refusals_total.*$/gm) ?? []).toEqual([])
  }
}

/** An address that leads to one server after the other, connection by connection. */
async function openDoor() {
  let ports: readonly number[] = []
  let turn = 0
  const open = new Set<Socket>()
  const listener = createServer((incoming) => {
    const onward = connect(ports[turn++ % ports.length] ?? 0, '127.0.0.1')
    for (const socket of [incoming, onward]) {
      open.add(socket)
      socket.setNoDelay(true)
      socket.on('error', () => {})
      socket.on('close', () => {
        open.delete(socket)
        incoming.destroy()
        onward.destroy()
      })
    }
    incoming.pipe(onward).pipe(incoming)
  }).listen(0, '127.0.0.1')
  await once(listener, 'listening')
  const { port } = listener.address() as AddressInfo
  return {
    url: `http://localhost:${port}`,
    /** Clients are made to notice that the servers behind their connections are gone. */
    async leadTo(to: readonly number[]) {
      for (const socket of open) socket.destroy()
      await sleep(open.size > 0 ? 30 : 0)
      ports = to
    },
    async close() {
      for (const socket of open) socket.destroy()
      listener.close()
      await once(listener, 'close')
    },
  }
}
