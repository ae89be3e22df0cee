import { runCommand } from '../../src/cli/command.ts'
import type { Environment } from '../../src/cli/io.ts'

/** What a command answered and wrote. */
export interface Ran {
  readonly code: number
  readonly out: string
  readonly err: string
}

/** Runs `symbolon …` in this process, in an environment that has nothing but `env`. */
export async function symbolon(argv: readonly string[], env: Environment = {}): Promise<Ran> {
  let out = ''
  let err = ''
  const io = {
    stdout: { write: (text: string) => (out += text) },
    stderr: { write: (text: string) => (err += text) },
  }
  const code = await runCommand(argv, io, env)
  return { code, out, err }
}

/** The last line of what a command with --json wrote, which must be an object. */
export function answerOf({ out }: Ran): Record<string, unknown> {
  const last = out.trim().split('\n').at(-1) ?? ''
  const answer: unknown = JSON.parse(last)
  if (typeof answer !== 'object' || answer === null || Array.isArray(answer)) {
    throw new TypeError('the last line is no object')
  }
  return answer as Record<string, unknown>
}
