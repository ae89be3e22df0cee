import { parseArgs } from 'node:util'

import { systemClock } from '../base/clock.ts'
import { type Deployment, openDeployment } from '../compose.ts'
import { type Config, readConfig } from '../config.ts'
import { keyFolderOf } from '../keys/keyring.ts'
import { dropLogKey, writeLogKey } from '../keys/log-keys.ts'
import { passphraseOf } from '../keys/passphrase.ts'
import { writeAnchor } from '../ledger/anchor.ts'
import { integrate } from '../ledger/integrate.ts'
import { announceKey, isAnnounced, signsAlready } from '../ledger/rotate-key.ts'
import { type Environment, type Io, UsageError } from './io.ts'

/**
 * `symbolon ledger rotate-key` makes a second key for the log and says so in it: from then on both
 * sign every checkpoint, also those of servers that run. `drop-key` ends that: the newer one signs
 * alone. An Error when it is not the turn of either.
 */
export async function runLogKeys(
  command: 'rotate-key' | 'drop-key',
  argv: readonly string[],
  io: Io,
  env: Environment,
): Promise<number> {
  const { values } = parseArgs({
    args: [...argv],
    options: { data: { type: 'string' }, json: { type: 'boolean', default: false } },
  })
  const { data } = values
  if (!data) throw new UsageError(`${command} needs --data`)
  const config = readConfig(env)
  const deployment = await openDeployment({ data, config })
  try {
    const folder = keyFolderOf(data, passphraseOf(config))
    const told =
      command === 'rotate-key'
        ? await rotate(deployment, () => writeLogKey(folder, deployment.logs.name).vkey)
        : await drop(deployment, config, () => dropLogKey(folder, deployment.logs.name))
    const words = Object.entries(told).map(([name, vkey]) => `${name} ${vkey}\n`)
    io.stdout.write(values.json ? `${JSON.stringify(told)}\n` : words.join(''))
    return 0
  } finally {
    await deployment.close()
  }
}

async function rotate({ store, node, logs }: Deployment, write: () => string) {
  const log = logs.current
  const [waiting] = log.also ?? []
  if (waiting && (await isAnnounced(store.read, log.name, waiting.vkey))) {
    throw new Error('two keys sign already: symbolon ledger drop-key ends that')
  }
  const vkey = waiting?.vkey ?? write()
  log.look?.({ now: true })
  await store.transaction((tx) => announceKey(tx, node, vkey, systemClock()))
  if (store.engine === 'postgres') {
    const tick = () =>
      store.transaction((tx) => integrate(tx, logs.keyOf, systemClock(), { shared: true }))
    while ((await tick()) > 0);
  }
  return { old: log.vkey, new: vkey }
}

async function drop({ store, logs }: Deployment, config: Config, remove: () => string) {
  const log = logs.current
  const [next] = log.also ?? []
  if (!next) throw new Error('the log has one key only: symbolon ledger rotate-key')
  const ready =
    (await isAnnounced(store.read, log.name, next.vkey)) &&
    (await signsAlready(store.read, log.name, next.vkey))
  if (!ready) throw new Error('the new key has not signed the log yet')
  if (config.anchorFile) await writeAnchor(store.read, config.anchorFile)
  const dropped = remove()
  log.look?.({ now: true })
  return { dropped, signing: log.vkey }
}
