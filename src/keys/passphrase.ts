import { execFileSync } from 'node:child_process'

import { Weather } from '../base/refusal.ts'

/**
 * What opens the key files: the passphrase itself, or what a command writes to its standard output,
 * without the line's end. That command is where a KMS unwraps; it runs once, at start. `undefined`
 * when neither is set. Weather when the command fails, without what it wrote.
 */
export function passphraseOf(given: {
  readonly keysPassphrase?: string | undefined
  readonly keysCommand?: string | undefined
}): string | undefined {
  const { keysPassphrase, keysCommand } = given
  if (keysCommand === undefined) return keysPassphrase
  if (keysPassphrase !== undefined) {
    throw new Error('set KEYS_PASSPHRASE or KEYS_COMMAND, not both')
  }
  const passphrase = run(keysCommand).replace(/\r?\n$/, '')
  if (passphrase === '') throw new Error('KEYS_COMMAND wrote nothing')
  return passphrase
}

function run(command: string): string {
  try {
    return execFileSync('/bin/sh', ['-c', command], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'inherit'],
      timeout: 60_000,
      maxBuffer: 65_536,
    })
  } catch {
    throw new Weather('KEYS_COMMAND failed', undefined)
  }
}
