import { writeSync } from 'node:fs'

import { newId } from '../../src/base/id.ts'
import { openKeyring } from '../../src/keys/keyring.ts'
import { readNode } from '../../src/keys/this-node.ts'
import { integrate } from '../../src/ledger/integrate.ts'
import { post } from '../../src/ledger/journal.ts'
import { logState } from '../../src/ledger/log-state.ts'
import { openStore } from '../../src/store/open.ts'

// A process to be killed at a system call: it books forty entries one after the other, and says on
// standard output which were answered and which checkpoints were published. With a third argument
// it publishes before the commit.
const [data = '', path = '', early] = process.argv.slice(2)
const keyring = openKeyring(data)
const key = keyring.logs[0]!
const store = await openStore({ engine: 'sqlite', path })
const node = await readNode(store, keyring.master)
const say = (what: object) => writeSync(1, `${JSON.stringify(what)}\n`)
let now = 1_790_000_000_000

store.beforeCommit(async (tx) => {
  await integrate(tx, () => key, now, { shared: false })
  if (early) say({ published: (await logState(tx, key.name))?.checkpoint })
})
for (let i = 0; i < 40; i++) {
  now += 1000
  const id = newId(now)
  await store.transaction((tx) =>
    post(tx, node, { id, kind: 'device.enrol', bucket: 1, at: now, commits: { member: id } }),
  )
  say({ answered: id })
  if (!early) say({ published: (await logState(store.read, key.name))?.checkpoint })
}
await store.close()
