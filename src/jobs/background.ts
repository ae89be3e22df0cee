/** Work that goes on after its request was answered, and is not left behind. */
export interface Background {
  /** Runs it. `signal` aborts when the process wants to end; what it throws goes to `onError`. */
  run(work: (signal: AbortSignal) => Promise<void>, onError: (error: unknown) => void): void
  /** Tells all of it to end, and waits until it has. */
  stop(): Promise<void>
}

export function createBackground(): Background {
  const stopping = new AbortController()
  const running = new Set<Promise<void>>()
  return {
    run(work, onError) {
      const done = work(stopping.signal)
        .catch(onError)
        .finally(() => running.delete(done))
      running.add(done)
    },
    async stop() {
      stopping.abort()
      await Promise.allSettled(running)
    },
  }
}
