import { defineConfig } from 'vitest/config'

/** Three workers on the two cores that run this: browsers, disks and killed servers make us wait. */
export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/databases.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    maxWorkers: 3,
  },
})
