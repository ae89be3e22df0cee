import type { Clock } from '../base/clock.ts'
import type { Background } from '../jobs/background.ts'
import type { LogKey } from '../keys/keyring.ts'
import type { RoleKeys } from '../keys/role-keys.ts'
import type { ThisNode } from '../keys/this-node.ts'
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
  /** The log that is being written. */
  readonly log: LogKey
  /** The node's certified keys. */
  readonly roles: RoleKeys
  /** The roots that this node trusts, DER. */
  readonly trustRoots: readonly Uint8Array[]
  /** True lets the credentials' endpoints live at plain `http://localhost`. */
  readonly development: boolean
  readonly metrics: Metrics
  /** For what goes on after the answer. */
  readonly background: Background
}
