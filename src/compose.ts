import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { setFlagsFromString } from 'node:v8'

import pino, { type Logger } from 'pino'

import { type Clock, type Instant, systemClock } from './base/clock.ts'
import { sha256 } from './base/sha256.ts'
import type { Config } from './config.ts'
import { type Policy, parsePolicy } from './formats/tlog/policy.ts'
import { WitnessRounds } from './jobs/ask-witnesses.ts'
import { createBackground } from './jobs/background.ts'
import { startWorker } from './jobs/worker.ts'
import type { Authority } from './keys/certificates.ts'
import type { KeyFolder } from './keys/key-folder.ts'
import { keyFolderOf, openKeyring } from './keys/keyring.ts'
import { passphraseOf } from './keys/passphrase.ts'
import { promiseKeyOf } from './keys/promise-key.ts'
import type { RoleKeys } from './keys/role-keys.ts'
import { readNode, type ThisNode } from './keys/this-node.ts'
import type { WitnessKey } from './keys/witness-key.ts'
import { requireAnchored, writeAnchor } from './ledger/anchor.ts'
import { integrate } from './ledger/integrate.ts'
import { Logs } from './ledger/logs.ts'
import { Pressure } from './ledger/pressure.ts'
import { withoutValues } from './store/errors.ts'
import { locate, openStore } from './store/open.ts'
import type { SqliteOptions } from './store/sqlite.ts'
import type { Store } from './store/store.ts'

/** A deployment with its keys: what commands work on, and what a server is made of. */
export interface Deployment {
  readonly store: Store
  readonly node: ThisNode
  /** Our logs, their keys, and which of them is being written just now. */
  readonly logs: Logs
  /** Where the private keys lie, opened. */
  keyFolder(): KeyFolder
  /** With which it witnesses others' logs. */
  readonly witness: WitnessKey | undefined
  /** The node's certified keys. */
  readonly roles: RoleKeys
  /** The roots that this node trusts, DER. */
  readonly trustRoots: readonly Uint8Array[]
  /** The root that the node has itself; `undefined` when another's certified it. */
  ownRoot(): Promise<Authority | undefined>
  /** False when whoever reads the disk reads the keys. */
  readonly sealed: boolean
  close(): Promise<void>
}

/** A server that listens. */
export interface Served {
  readonly url: string
  /** The port it listens on. */
  readonly at: number
  /** Answers what has begun, ends the jobs, closes the database. */
  close(): Promise<void>
}

/**
 * Opens the deployment whose keys are in `data`. On SQLite every commit carries its leaves into the
 * log; a command may run beside the server. With an anchor, a database behind it is refused.
 */
export async function openDeployment(
  { data, config, clock = systemClock }: { data: string; config: Config; clock?: Clock },
  options?: SqliteOptions,
): Promise<Deployment> {
  const passphrase = passphraseOf(config)
  const keyring = openKeyring(data, passphrase)
  const store = await openStore(locate(config.databaseUrl, data), options)
  try {
    const node = await readNode(store, keyring.master)
    const logs = await Logs.read(keyring, store.read)
    if (config.anchorFile) await requireAnchored(store.read, keyring.logs, config.anchorFile)
    if (store.engine === 'sqlite') {
      store.beforeCommit(async (tx) => {
        await integrate(tx, logs.keyOf, clock(), { shared: false })
      })
    }
    const { witness, roles, trustRoots, sealed } = keyring
    const keyFolder = () => keyFolderOf(data, passphrase)
    const ownRoot = async () => {
      const root = await import('./keys/root.ts') // not for commands without use for certificates
      return root.ownRoot(keyFolder())
    }
    const keys = { logs, keyFolder, witness, roles, trustRoots, sealed, ownRoot }
    return { store, node, ...keys, close: () => store.close() }
  } catch (error) {
    await store.close()
    throw error
  }
}

/** Serves a deployment: the only place that knows every part of it. */
export async function serve(
  deployment: Deployment,
  {
    config,
    clock = systemClock,
    log = loggerOf(config),
  }: { config: Config; clock?: Clock; log?: Logger },
): Promise<Served> {
  const { store, node, roles, trustRoots } = deployment
  // Without an address of ours to tell, the system may choose the port when we listen.
  const port = config.port || (config.publicUrl ? 0 : await freePort(config.host))
  const publicUrl = config.publicUrl ?? `http://localhost:${port}`
  // Loaded here, because commands open a deployment and have no use for a server.
  const { buildServer } = await import('./http/server.ts')
  const { createMetrics } = await import('./http/metrics.ts')
  setFlagsFromString('--semi-space-growth-factor=2') // V8's own, which main.ts holds down
  const metrics = createMetrics()
  const policy = witnessPolicyOf(config)
  const background = createBackground()
  const pressure = new Pressure(store, config.maxPendingLeaves ?? 50_000)
  const context = {
    ...{ store, node, clock, publicUrl, logs: deployment.logs, metrics, background, pressure },
    ...{
      witness: deployment.witness,
      witnesses: policy,
      peerWitnesses: policyIn(config.peerPolicy, 'PEER_POLICY'),
      promises: promiseKeyOf(node, deployment.logs.name),
    },
    ...{ roles, trustRoots, development: config.development ?? false },
  }
  const { trustedProxies = [] } = config
  const app = await buildServer(context, { logger: log, trustedProxies })
  await app.listen({ port, host: config.host })
  const worker = startWorker({
    store,
    node,
    clock,
    logs: deployment.logs,
    keyFolder: deployment.keyFolder,
    roles,
    development: config.development ?? false,
    witnessPolicy: policy,
    witnesses:
      policy &&
      new WitnessRounds({
        ...{ store, clock, policy },
        onFault: (witness, fault) => metrics.witnessFaults.inc({ witness, fault }),
      }),
    ...{ trustRoots, ownRoot: deployment.ownRoot },
    trust: config.trustListUrl ? { url: config.trustListUrl, roots: trustRoots } : undefined,
    gateway: config.messageGateway,
    peers: context,
    pressure,
    onIncluded: (seconds) => metrics.inclusion.observe(seconds),
    onMissingKey: (name) => sayOfMissingKey(log, name),
    onError: (job, error) => log.error({ job, err: plain(withoutValues(error)) }, 'job failed'),
  })
  await warnOfKeys(deployment, { publicUrl, now: clock(), log })
  const anchor = anchoring(deployment, config, log)
  return {
    url: publicUrl,
    at: (app.server.address() as AddressInfo).port,
    async close() {
      await app.close()
      await background.stop()
      await worker.stop()
      await anchor.stop()
      await deployment.close()
    },
  }
}

/** Says at start what others would find wrong with the node's keys. */
async function warnOfKeys(
  { sealed, roles, trustRoots: roots }: Deployment,
  { publicUrl: url, now, log }: { publicUrl: string; now: Instant; log: Logger },
): Promise<void> {
  const { faultsOfOwnKeys } = await import('./trust/own-keys.ts')
  if (!sealed) log.warn('the private keys are plain files: see symbolon keys seal')
  for (const fault of faultsOfOwnKeys(roles, { roots, url, now })) log.warn(fault)
}

function sayOfMissingKey(log: Logger, name: string | undefined): void {
  if (name === undefined) log.info('the key of the log is in the key folder now')
  else log.warn({ log: name }, 'the key of this log is not in the key folder: others write it')
}

/** Whom the node asks to cosign its log. A file that is malformed is an Error at start. */
function witnessPolicyOf({ witnessPolicy }: Config): Policy | undefined {
  return policyIn(witnessPolicy, 'WITNESS_POLICY')
}

function policyIn(file: string | undefined, variable: string): Policy | undefined {
  if (file === undefined) return undefined
  try {
    return parsePolicy(sha256, readFileSync(file))
  } catch (error) {
    throw new Error(`${variable} does not name a policy`, { cause: error })
  }
}

/** The logger of a process: JSON lines on standard output. */
export function loggerOf(config: Config): Logger {
  return pino({ level: config.logLevel, base: null })
}

/** A port that nobody listens on: our address must be known before the first request. */
async function freePort(host: string): Promise<number> {
  const probe = createServer().listen(0, host)
  await once(probe, 'listening')
  const { port } = probe.address() as AddressInfo
  probe.close()
  await once(probe, 'close')
  return port
}

/** Keeps the anchor up to date, once a second, and warns where there is none. */
function anchoring({ store }: Deployment, { anchorFile }: Config, logger: Logger) {
  if (!anchorFile) {
    logger.warn('ANCHOR_FILE is not set: a restored old backup would not be noticed')
    return { stop: async () => {} }
  }
  const write = () =>
    writeAnchor(store.read, anchorFile).catch(() => logger.error('the anchor was not written'))
  const timer = setInterval(write, 1000)
  return {
    async stop() {
      clearInterval(timer)
      await write()
    },
  }
}

function plain(error: unknown) {
  if (!(error instanceof Error)) return { name: typeof error }
  return { name: error.name, message: error.message, stack: error.stack }
}
