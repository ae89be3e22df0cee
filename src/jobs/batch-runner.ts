import type { Clock } from '../base/clock.ts'
import { Refusal } from '../base/refusal.ts'
import { move } from '../benefits/batches/batch.ts'
import type { ThisNode } from '../keys/this-node.ts'
import type { Store } from '../store/store.ts'
import { batchesToRun, chunkSize, runChunk } from '../vouchers/run-batch.ts'
import { recallsToRun, runRecallChunk } from '../vouchers/run-recall.ts'

interface Running {
  readonly store: Store
  readonly node: ThisNode
  readonly clock: Clock
  readonly size?: number
}

/**
 * Runs one chunk of every batch and recall that has work to do, and answers how many were taken on:
 * run here, or lost to whoever changed the same rows meanwhile. Any number of instances may do so
 * at once: a chunk that another has taken is undone, and what is left of it comes with the next
 * turn.
 */
export async function runBatches({
  store,
  node,
  clock,
  size = chunkSize,
}: Running): Promise<number> {
  let taken = 0
  for (const { id } of await batchesToRun(store.read)) {
    const work = { batchId: id, now: clock(), size }
    const more = await store
      .transaction((tx) => runChunk(tx, node, work), { bulk: true })
      .then(() => true)
      .catch((error: unknown) => givenUp(store, id, error))
    if (more) taken++
  }
  return taken + (await runRecalls({ store, node, clock }))
}

/** The same for recalls of a part of a batch. */
async function runRecalls({ store, node, clock }: Running): Promise<number> {
  const open = await recallsToRun(store.read)
  for (const recall of open) {
    await store
      .transaction((tx) => runRecallChunk(tx, node, { recall, now: clock() }), { bulk: true })
      .catch((error: unknown) => {
        if (!(error instanceof Refusal)) throw error // somebody was faster: it has more to do
      })
  }
  return open.length
}

/** Runs everything there is, until nothing is left: for commands and tests. */
export async function runAllBatches(running: Running): Promise<void> {
  while ((await runBatches(running)) > 0);
}

/**
 * Somebody was faster: true, because the batch may have more to do. Or the budget is gone: then it
 * waits, paused.
 */
async function givenUp(store: Store, id: string, error: unknown): Promise<boolean> {
  if (!(error instanceof Refusal)) throw error
  if (error.code === 'BUDGET_EXHAUSTED') {
    await store
      .transaction((tx) => move(tx, id, ['running'], 'paused'))
      .catch((second: unknown) => {
        if (!(second instanceof Refusal)) throw second // another runner has paused it
      })
  }
  return error.code === 'VERSION_CONFLICT'
}
