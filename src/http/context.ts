import type { Clock } from '../base/clock.ts'
import type { Policy } from '../formats/tlog/policy.ts'
import type { Background } from '../jobs/background.ts'
import type { PromiseKey } from '../keys/promise-key.ts'
import type { RoleKeys } from '../keys/role-keys.ts'
import type { ThisNode } from '../keys/this-node.ts'
import type { WitnessKey } from '../keys/witness-key.ts'
import type { Logs } from '../ledger/logs.ts'
import type { Pressure } from '../ledger/pressure.ts'
import type { Store } from '../store/store.ts'
import type { Metrics } from './metrics.ts'

/** What every route works with. Made once, in `compose.ts`. */
export interface Context {
  readonly store: Store
  readonly node: ThisNode
  readonly clock: Clock
  /**
   * The address the world knows us by, without a slash at the end. Signatures are checked against
   * it.
   */
  readonly publicUrl: string
  /** Our logs, and which of them is being written just now. */
  readonly logs: Logs
  /** With which the node witnesses others' logs; without it, it is no witness. */
  readonly witness: WitnessKey | undefined
  /** Signs receipts of level 1. */
  readonly promises: PromiseKey
  /** The witnesses that the node asks to cosign its own log, and how many are enough. */
  readonly witnesses: Policy | undefined
  /** The witnesses whose word on other nodes' logs is asked for, and how many are enough. */
  readonly peerWitnesses: Policy | undefined
  /** The node's certified keys. */
  readonly roles: RoleKeys
  /** The roots that this node trusts, DER. */
  readonly trustRoots: readonly Uint8Array[]
  /** True lets the credentials' endpoints live at plain `http://localhost`. */
  readonly development: boolean
  readonly metrics: Metrics
  /** Refuses writes while too many leaves wait for the log. */
  readonly pressure: Pressure
  /** For what goes on after the answer. */
  readonly background: Background
}
