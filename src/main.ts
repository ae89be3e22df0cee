#!/usr/bin/env node
import { setFlagsFromString } from 'node:v8'

// Each module of the ORM that is resolved brings a copy of its 178 KB manifest, which a young
// generation that has grown keeps: 435 MB before the first query. A command is small all along.
setFlagsFromString('--semi-space-growth-factor=1')
const { runCommand } = await import('./cli/command.ts')
const argv = process.argv.slice(2)
if (argv[0] === 'serve' || argv[0] === 'demo') setFlagsFromString('--semi-space-growth-factor=2')
process.exitCode = await runCommand(argv, process)
