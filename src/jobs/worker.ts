import { setTimeout as sleep } from 'node:timers/promises'

import { type Clock, hour, minute, second } from '../base/clock.ts'
import { forgetOffers } from '../credentials/issuance/forget.ts'
import { forgetVerifications } from '../credentials/presentation/verifications.ts'
import type { Policy } from '../formats/tlog/policy.ts'
import { forgetApplicationTries } from '../identity/application-tries.ts'
import { forgetApplications } from '../identity/applications.ts'
import { forgetAnswers } from '../identity/idempotency.ts'
import { forgetPieces } from '../identity/import-pieces.ts'
import { forgetNonces } from '../identity/nonces.ts'
import { forgetMoves } from '../identity/phone-moves.ts'
import type { Authority } from '../keys/certificates.ts'
import type { KeyFolder } from '../keys/key-folder.ts'
import type { RoleKeys } from '../keys/role-keys.ts'
import type { ThisNode } from '../keys/this-node.ts'
import { type Logs, MissingLogKey } from '../ledger/logs.ts'
import type { Pressure } from '../ledger/pressure.ts'
import type { Store } from '../store/store.ts'
import { forgetAsks } from '../vouchers/peer-asks.ts'
import type { PeerGround } from './ask-home.ts'
import type { WitnessRounds } from './ask-witnesses.ts'
import { runBatches } from './batch-runner.ts'
import { closeStatements } from './close-statements.ts'
import { DrawRounds } from './draws.ts'
import { endDay } from './end-day.ts'
import { sweepExpired } from './expiry.ts'
import { noticeEnding } from './expiry-notices.ts'
import { followMembers } from './member-follower.ts'
import { followMergers } from './mergers.ts'
import { MissingKeyWatch } from './missing-key.ts'
import { type Gateway, sendMessages } from './outbox.ts'
import { renewOwnList } from './own-list.ts'
import { settleAsks } from './peer-asks.ts'
import { rollYear } from './roll-log.ts'
import { rollUp } from './roll-up.ts'
import { sequence } from './sequencer.ts'
import { ImportWatch } from './stale-imports.ts'
import { refreshTrustList, type TrustSource } from './trust-refresh.ts'
import { tellResults } from './webhooks.ts'
import { welcomeMembers } from './welcomes.ts'

/** A job that repeats: it answers whether there is more to do at once. */
interface Job {
  readonly name: string
  readonly everyMs: number
  run(): Promise<boolean>
}

/** What runs by itself beside a server. */
export interface Worker {
  /** Ends every job after what it is doing now. */
  stop(): Promise<void>
}

/** Starts the jobs of one instance. Any number of instances may run them on one database. */
export function startWorker(given: {
  readonly store: Store
  readonly node: ThisNode
  readonly clock: Clock
  readonly logs: Logs
  /** Where the key of the next year's log lies, or is made. */
  readonly keyFolder: () => KeyFolder
  readonly roles: RoleKeys
  readonly development: boolean
  readonly trustRoots: readonly Uint8Array[]
  /** The root that the node has itself, whose list is renewed here. */
  readonly ownRoot: () => Promise<Authority | undefined>
  /** Where the trust list comes from; none for a node that nobody lists. */
  readonly trust?: TrustSource | undefined
  /** Who cosigns our checkpoints; none for a node that asks nobody. */
  readonly witnesses?: WitnessRounds | undefined
  /** Who brings messages to phones; none: they stay in the inboxes. */
  readonly gateway?: Gateway | undefined
  /** Whose policy names the outside keys of draws. */
  readonly witnessPolicy?: Policy | undefined
  /** What asking other nodes for vouchers of theirs needs. */
  readonly peers: PeerGround
  /** Looks how many leaves wait (PostgreSQL). */
  readonly pressure: Pressure
  /** Told how many seconds each leaf has waited for its index (PostgreSQL). */
  readonly onIncluded: (seconds: number) => void
  /** Told which log this instance cannot sign, now and again; with none once it can. */
  readonly onMissingKey: (log: string | undefined) => void
  /** Told of a job that failed; it goes on with its next turn. */
  readonly onError: (job: string, error: unknown) => void
}): Worker {
  const stopping = new AbortController()
  const loops = jobsOf(given).map((job) => repeat(job, stopping.signal, given.onError))
  return {
    async stop() {
      stopping.abort()
      await Promise.all(loops)
    },
  }
}

function jobsOf(given: Omit<Parameters<typeof startWorker>[0], 'onError'>): Job[] {
  const { store, clock } = given
  const imports = new ImportWatch()
  const draws = new DrawRounds(given)
  const keys = new MissingKeyWatch(given.onMissingKey)
  const jobs: Job[] = [
    { name: 'batches', everyMs: 250, run: async () => (await runBatches(given)) > 0 },
    { name: 'members', everyMs: 250, run: async () => (await followMembers(given)) > 0 },
    { name: 'mergers', everyMs: second, run: () => followMergers(given) },
    { name: 'welcomes', everyMs: 250, run: async () => (await welcomeMembers(given)) > 0 },
    {
      name: 'roll-up',
      everyMs: second,
      // One step a second: the dashboard waits sooner than a counter does.
      run: async () => {
        await rollUp(given)
        return false
      },
    },
    { name: 'draws', everyMs: 250, run: () => draws.run() },
    { name: 'webhooks', everyMs: 500, run: async () => (await tellResults(given)) > 0 },
    {
      name: 'expiry',
      everyMs: hour,
      run: async () => {
        await sweepExpired(given)
        await noticeEnding(given)
        await store.transaction((tx) => forgetOffers(tx, clock()), { bulk: true })
        return false
      },
    },
    {
      name: 'own list',
      everyMs: hour,
      run: async () => {
        await renewOwnList(given)
        return false
      },
    },
    { name: 'day', everyMs: 10 * minute, run: () => endDay(given) },
    {
      name: 'logs',
      everyMs: second,
      run: async () => {
        await given.logs.look(store.read)
        keys.look(given.logs.lacking, clock())
        return false
      },
    },
    {
      name: 'new year',
      everyMs: 10 * minute,
      run: async () => {
        if (await rollYear(given)) await renewOwnList(given)
        return false
      },
    },
    {
      name: 'statements',
      everyMs: 10 * minute,
      run: async () => {
        await closeStatements(given)
        return false
      },
    },
    {
      name: 'forget',
      everyMs: minute,
      run: async () => {
        await store.transaction((tx) => forgetNonces(tx, clock()), { bulk: true })
        await store.transaction((tx) => forgetAnswers(tx, clock()), { bulk: true })
        await store.transaction((tx) => forgetVerifications(tx, clock()), { bulk: true })
        await store.transaction((tx) => forgetApplications(tx, clock()), { bulk: true })
        await store.transaction((tx) => forgetApplicationTries(tx, clock()), { bulk: true })
        await store.transaction((tx) => forgetMoves(tx, clock()), { bulk: true })
        await store.transaction((tx) => forgetAsks(tx, clock()), { bulk: true })
        await imports.look(store, clock())
        await store.transaction((tx) => forgetPieces(tx, clock()), { bulk: true })
        return false
      },
    },
  ]
  jobs.push(...outsideJobs(given))
  if (store.engine === 'sqlite') return jobs
  const look = async () => {
    await given.pressure.look()
    return false
  }
  jobs.push({ name: 'pressure', everyMs: 200, run: look })
  return [...jobs, { name: 'sequencer', everyMs: 100, run: () => sequence(given) }]
}

/** What asks others over the network: each in a loop of its own, which may wait. */
function outsideJobs(given: Parameters<typeof jobsOf>[0]): Job[] {
  const { store, clock, trust, witnesses, gateway } = given
  const job = (name: string, everyMs: number, work: () => Promise<unknown>): Job => ({
    ...{ name, everyMs },
    run: async () => {
      await work()
      return false
    },
  })
  return [
    job('other nodes', 5 * second, () => settleAsks(given.peers)),
    ...(trust ? [job('trust', 15 * minute, () => refreshTrustList(store, trust, clock()))] : []),
    ...(witnesses ? [job('witnesses', second, () => witnesses.run())] : []),
    ...(gateway ? [job('messages', second, () => sendMessages({ ...given, gateway }))] : []),
  ]
}

async function repeat(job: Job, signal: AbortSignal, onError: (job: string, e: unknown) => void) {
  while (!signal.aborted) {
    const more = await job.run().catch((error: unknown) => {
      if (!(error instanceof MissingLogKey)) onError(job.name, error) // `keys` tells of that one
      return false
    })
    await sleep(more ? 0 : job.everyMs, undefined, { signal }).catch(() => {})
  }
}
