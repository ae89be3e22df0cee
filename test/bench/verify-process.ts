// Runs one command as `symbolon` does, and tells what it took.
import { setFlagsFromString } from 'node:v8'

setFlagsFromString('--semi-space-growth-factor=1')
const { runCommand } = await import('../../src/cli/command.ts')
const code = await runCommand(process.argv.slice(2), {
  ...{ env: process.env, stdin: process.stdin, stderr: process.stderr },
  stdout: { write: () => true, isTTY: false },
} as unknown as NodeJS.Process)
process.send?.({ code, rss: process.resourceUsage().maxRSS * 1024 })
process.disconnect()
