import { parseArgs } from 'node:util'

import { openDeployment, serve } from '../compose.ts'
import { readConfig } from '../config.ts'
import type { Environment, Io } from './io.ts'

/** What `--help` prints. */
export const usage = `usage: symbolon serve --data DIR [--json]

Serves the API and the pages at HOST and PORT (127.0.0.1 and 3000). PUBLIC_URL is the address
that members and shops use. Every variable that it reads is in docs/running.md.
`

/** `symbolon serve`: serves until it is told to stop, then answers what has begun and ends. */
export async function run(
  argv: readonly string[],
  io: Io,
  env: Environment = process.env,
): Promise<number> {
  const { values } = parseArgs({
    args: [...argv],
    options: { data: { type: 'string' }, json: { type: 'boolean', default: false } },
  })
  if (!values.data) {
    io.stderr.write(usage)
    return 2
  }
  const config = readConfig(env)
  const deployment = await openDeployment({ data: values.data, config })
  const served = await serve(deployment, { config })
  const { url } = served
  io.stdout.write(`${values.json ? JSON.stringify({ url }) : `serving at ${url}`}\n`)
  await stopSignal()
  await served.close()
  return 0
}

/** Resolves at the first SIGINT or SIGTERM. */
export function stopSignal(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve())
  })
}
