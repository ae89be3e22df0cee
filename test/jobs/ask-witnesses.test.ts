import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { utf8 } from '../../src/base/bytes.ts'
import { systemClock } from '../../src/base/clock.ts'
import { sha256 } from '../../src/base/sha256.ts'
import { openUnderPolicy, type Policy, parsePolicy } from '../../src/formats/tlog/policy.ts'
import { WitnessRounds } from '../../src/jobs/ask-witnesses.ts'
import { verifyEd25519 } from '../../src/keys/ed25519.ts'
import { keyFolderOf } from '../../src/keys/keyring.ts'
import { writeLogKey } from '../../src/keys/log-keys.ts'
import { latestWitnessed } from '../../src/ledger/cosigned.ts'
import { integrate } from '../../src/ledger/integrate.ts'
import { allLogs } from '../../src/ledger/log-state.ts'
import { rollLog } from '../../src/ledger/roll.ts'
import { openStore } from '../../src/store/open.ts'
import { type Books, issue, openBooks, tick } from '../ledger/books.ts'
import { answerOf, symbolon } from '../support/command-line.ts'
import { engines } from '../support/engines.ts'

const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url))

/** `symbolon witness serve`, in a process of its own. */
async function serveWitness(data: string, port = 0) {
  const args = [main, 'witness', 'serve', '--data', data, '--json', '--port', `${port}`]
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', ...args], {
    env: { ...process.env, LOG_LEVEL: 'error' },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [line] = (await once(child.stdout, 'data')) as [Buffer]
  const { url } = JSON.parse(line.toString()) as { url: string }
  return { url, child }
}

async function end(child: ChildProcess, signal: NodeJS.Signals) {
  const gone = once(child, 'exit')
  child.kill(signal)
  return gone
}

describe.each(engines)('a log that asks a stand-alone witness, on %s', (engine) => {
  let data: string
  let url: string
  let child: ChildProcess
  let books: Books
  let policy: Policy
  const faults: string[] = []
  beforeAll(async () => {
    data = mkdtempSync(join(tmpdir(), 'symbolon-auditor-'))
    books = await openBooks(engine)
    const made = await symbolon([
      'witness',
      'init',
      '--data',
      data,
      '--name',
      'bank.example/w',
      '--json',
    ])
    const vkey = String(answerOf(made).vkey)
    const trusted = await symbolon([
      'witness',
      'trust-log',
      '--data',
      data,
      '--vkey',
      books.key.vkey,
    ])
    expect(trusted).toMatchObject({ code: 0, out: `believes ${books.key.name}\n` })
    ;({ url, child } = await serveWitness(data))
    const text = `log ${books.key.vkey}\nwitness bank ${vkey} ${url}\nquorum bank\n`
    policy = parsePolicy(sha256, utf8(text))
  })
  afterAll(async () => {
    await end(child, 'SIGTERM')
    await books.store.close()
  })

  const asking = (store: Books['store']) =>
    new WitnessRounds({
      ...{ store, policy, clock: systemClock },
      onFault: (_, fault) => faults.push(fault),
    })
  const grow = async () => {
    await issue(books, 3)
    await tick(books)
  }

  it('has every checkpoint cosigned that it asks for, and archives it', async () => {
    const rounds = asking(books.store)
    expect(await rounds.run()).toBe(0) // nothing is in the log
    for (let i = 0; i < 3; i++) {
      await grow()
      expect(await rounds.run()).toBe(1)
      expect(await rounds.run()).toBe(0) // nothing is new
      const { checkpoint } = (await latestWitnessed(books.store.read, books.key.name))!
      const opened = await openUnderPolicy(policy, utf8(checkpoint), verifyEd25519)
      expect(opened.cosignatures).toHaveLength(1)
    }
    const { cosignatures, witnessedCheckpoints } = books.store.read.tables
    expect(await books.store.read.$count(cosignatures)).toBe(3)
    expect(await books.store.read.$count(witnessedCheckpoints)).toBe(3)
    expect(faults).toEqual([])
  })

  it('has two instances ask at once, and one of them is enough', async () => {
    await grow()
    const both = await Promise.all([asking(books.store).run(), asking(books.store).run()])
    expect(both).toContain(1)
    expect(faults).toEqual([])
  })

  it('has the last checkpoint of a closed year cosigned, and the next once it is believed', async () => {
    await grow()
    books.now += 1000
    const next = writeLogKey(keyFolderOf(books.data), 'ledger.example.org/t/2027')
    const { keyOf, now, store } = books
    const given = { keyOf, next, now, shared: engine === 'postgres' }
    const rolled = (await store.transaction((tx) => rollLog(tx, books.node, given)))!
    const rounds = asking(store)
    expect(await rounds.run()).toBe(1)
    expect((await latestWitnessed(store.read, rolled.closed))?.size).toBe(rolled.size)
    expect(faults.splice(0)).toEqual(['refused']) // it does not know the new key yet
    await symbolon(['witness', 'trust-log', '--data', data, '--vkey', rolled.vkey])
    await rounds.run() // it is left out of one round
    expect(await rounds.run()).toBe(1)
    expect((await latestWitnessed(store.read, rolled.opened))?.size).toBe(1)
    expect(await rounds.run()).toBe(0)
    expect(faults).toEqual([])
  })

  it('goes on after the witness was killed and started again', async () => {
    const rounds = asking(books.store)
    await end(child, 'SIGKILL')
    await grow()
    expect(await rounds.run()).toBe(0)
    expect(faults.splice(0)).toEqual(['weather'])
    const port = Number(new URL(url).port)
    ;({ child } = await serveWitness(data, port))
    await rounds.run() // it is left out of one round
    expect(await rounds.run()).toBe(1)
    const shown = answerOf(await symbolon(['witness', 'show', '--data', data, '--json']))
    const sizes = []
    for (const { name } of await allLogs(books.store.read)) {
      sizes.push({ origin: name, size: (await latestWitnessed(books.store.read, name))!.size })
    }
    expect(shown.logs).toEqual(sizes)
  })
})

it('finds out that the database was rolled back, and that it has forked since', async () => {
  const data = mkdtempSync(join(tmpdir(), 'symbolon-auditor-'))
  const books = await openBooks('sqlite')
  if (books.location.engine !== 'sqlite') throw new TypeError('no file')
  const { path } = books.location
  await issue(books, 2)
  await books.store.close()
  const backup = `${path}.backup`
  copyFileSync(path, backup)

  const open = async (file: string) => {
    const store = await openStore({ engine: 'sqlite', path: file })
    store.beforeCommit(async (tx) => {
      await integrate(tx, () => books.key, books.now, { shared: false })
    })
    return { ...books, store }
  }
  const made = await symbolon([
    'witness',
    'init',
    '--data',
    data,
    '--name',
    'bank.example/w',
    '--json',
  ])
  await symbolon(['witness', 'trust-log', '--data', data, '--vkey', books.key.vkey])
  const { url, child } = await serveWitness(data)
  const text = `witness bank ${String(answerOf(made).vkey)} ${url}\nquorum bank\n`
  const faults: string[] = []
  const asking = (store: Books['store']) =>
    new WitnessRounds({
      ...{
        store,
        policy: parsePolicy(sha256, utf8(text)),
        clock: systemClock,
      },
      onFault: (_, fault) => faults.push(fault),
    })
  const ours = await open(path)
  await issue(ours, 2)
  expect(await asking(ours.store).run()).toBe(1)
  const restored = await open(backup)
  expect(await asking(restored.store).run()).toBe(0)
  expect(faults.splice(0)).toEqual(['ahead'])
  await issue(restored, 2)
  await issue(restored, 2)
  expect(await asking(restored.store).run()).toBe(0)
  expect(faults).toEqual(['inconsistent'])
  await ours.store.close()
  await restored.store.close()
  await end(child, 'SIGTERM')
})
