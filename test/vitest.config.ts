import { defineConfig } from 'vitest/config'

/**
 * Two workers: the machines that run this have two cores, and a camera starves beside a third. The
 * files that a worker runs share its modules: to load them anew for each took a third of the time.
 */
export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/databases.ts'],
    setupFiles: ['test/support/own-folder.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // As long as a page is waited for: a second, the default, is short beside what is polled.
    expect: { poll: { timeout: 15_000 } },
    maxWorkers: 2,
    isolate: false,
  },
})
