import { statSync } from 'node:fs'
import { Worker } from 'node:worker_threads'

/** Commits between two looks at the write-ahead log, and its octets from which it is copied. */
const commitsPerLook = 64
const octets = 8 << 20

/** Copies a database's write-ahead log into the database while its writer goes on. */
export interface Checkpointer {
  /** To be called after each commit. It never throws. */
  committed(): void
  /** Resolves once its thread has ended, if it ever began. */
  close(): Promise<void>
}

/**
 * Checkpoints a SQLite file on a thread of its own (PASSIVE: it never makes the writer wait), so
 * that what the writer has to copy itself at its `wal_autocheckpoint` is little: it would keep
 * everybody waiting for a tenth of a second. The thread begins when the log has first grown; where
 * it fails, the writer's own checkpoint does it all.
 */
export function checkpointer(path: string): Checkpointer {
  let commits = 0
  let thread: Worker | undefined
  let [busy, failed] = [false, false]

  function start(): Worker {
    const started = new Worker(new URL('./checkpoint-thread.ts', import.meta.url), {
      workerData: path,
    })
    started
      .on('message', () => {
        busy = false
      })
      .on('error', () => {
        failed = true
      })
      .unref()
    return started
  }

  return {
    committed() {
      if (++commits % commitsPerLook !== 0 || busy || failed) return
      try {
        if (statSync(`${path}-wal`).size < octets) return
        thread ??= start()
        thread.postMessage('checkpoint')
        busy = true
      } catch {
        failed = true
      }
    },
    async close() {
      await thread?.terminate()
    },
  }
}
