import { defineConfig } from 'vitest/config'

/**
 * Two workers: the machines that run this have two cores, and a camera starves beside a third. The
 * files that a worker runs share its modules: to load them anew for each took a third of the time.
 */
export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/databases.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    maxWorkers: 2,
    isolate: false,
  },
})
