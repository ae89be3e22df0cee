import { parseArgs } from 'node:util'

import { openDeployment, serve } from '../compose.ts'
import { readConfig } from '../config.ts'
import type { Environment, Io } from './io.ts'

/** `symbolon serve`: serves until it is told to stop, then answers what has begun and ends. */
export async function runServe(
  argv: readonly string[],
  io: Io,
  env: Environment = process.env,
): Promise<number> {
  const { values } = parseArgs({
    args: [...argv],
    options: { data: { type: 'string' }, json: { type: 'boolean', default: false } },
  })
  if (!values.data) {
    io.stderr.write('usage: symbolon serve --data DIR [--json]\n')
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
