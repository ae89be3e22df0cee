import { defineConfig } from 'vitest/config'

/** Two workers: the machines that run this have two cores, and a camera starves beside a third. */
export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/databases.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    maxWorkers: 2,
  },
})
