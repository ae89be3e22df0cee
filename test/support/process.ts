import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { fileURLToPath } from 'node:url'

import { systemClock } from '../../src/base/clock.ts'
import type { Server } from '../../src/cli/demo/agent.ts'

const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url))

/** A server in a process of its own, that can be killed. */
export interface ServerProcess extends Server {
  readonly child: ChildProcess
  /** SIGKILL: no goodbye, nothing flushed. */
  kill(): Promise<void>
}

/** Serves the deployment in `data` and waits until it answers. */
export async function spawnServer(
  data: string,
  env: Readonly<Record<string, string>>,
  port: number,
): Promise<ServerProcess> {
  const args = ['--disable-warning=ExperimentalWarning', main, 'serve', '--data', data]
  const child = spawn(process.execPath, args, {
    env: { ...process.env, ...env, PORT: String(port), LOG_LEVEL: 'error' },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await Promise.race([
    once(child.stdout, 'data'),
    once(child, 'exit').then(([code]) => {
      throw new Error(`the server ended with ${code}`)
    }),
  ])
  return {
    child,
    url: `http://localhost:${port}`,
    clock: systemClock,
    async kill() {
      const gone = once(child, 'exit')
      child.kill('SIGKILL')
      await gone
    },
  }
}

/** A port that nobody listens on. */
export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const address = probe.address()
  await new Promise((resolve) => probe.close(resolve))
  return typeof address === 'object' && address ? address.port : 0
}
