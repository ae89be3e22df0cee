#!/usr/bin/env node
import { setFlagsFromString } from 'node:v8'

// Each module of the ORM that is resolved brings a copy of its 178 KB manifest, which a young
// generation that grows keeps: 435 MB before the first query. `serve` lets it grow afterwards.
setFlagsFromString('--semi-space-growth-factor=1')
const { runCommand } = await import('./cli/command.ts')
process.exitCode = await runCommand(process.argv.slice(2), process)
