import { type Clock, systemClock } from '../base/clock.ts'
import { type Keyring, openKeyring } from '../keys/keyring.ts'
import { readNode, type ThisNode } from '../keys/this-node.ts'
import { integrate } from '../ledger/integrate.ts'
import { currentLog } from '../ledger/log-state.ts'
import { locate, openStore } from '../store/open.ts'
import type { Store } from '../store/store.ts'
import type { Environment } from './io.ts'

/** A deployment as a command uses it. */
export interface Opened {
  readonly store: Store
  readonly node: ThisNode
  readonly keyring: Keyring
  close(): Promise<void>
}

/**
 * Opens the deployment whose keys are in `data` and whose database DATABASE_URL names, by default
 * `<data>/symbolon.db`. On SQLite its commits carry their leaves into the log, as the server's do:
 * both may run at once. What is missing (folder, database, node, log key) is an Error.
 */
export async function open({
  data,
  env,
  now = systemClock,
}: {
  readonly data: string
  readonly env: Environment
  readonly now?: Clock
}): Promise<Opened> {
  const keyring = openKeyring(data)
  const store = await openStore(locate(env.DATABASE_URL, data))
  try {
    const node = await readNode(store, keyring.master)
    if (store.engine === 'sqlite') {
      const log = await currentLog(store.read)
      const key = keyring.logs.find(({ name }) => name === log)
      if (!key) throw new Error(`the keys of log ${log} are not in ${data}`)
      store.beforeCommit(async (tx) => {
        await integrate(tx, key, now(), { shared: false })
      })
    }
    return { store, node, keyring, close: () => store.close() }
  } catch (error) {
    await store.close()
    throw error
  }
}
