import type { Environment, Io } from './io.ts'

/** `symbolon demo`. */
export async function runDemo(
  _argv: readonly string[],
  io: Io,
  _env?: Environment,
): Promise<number> {
  io.stderr.write('not yet\n')
  return 1
}
