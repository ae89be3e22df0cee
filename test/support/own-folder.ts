import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'

import { afterAll, inject } from 'vitest'

/**
 * Runs before each test file: whatever the file puts in the temporary folder, it and the processes
 * that it starts, lies in one of its own and goes with it.
 */
const folder = mkdtempSync(join(inject('folder'), 'file-'))
process.env.TMPDIR = folder
afterAll(() => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }))
