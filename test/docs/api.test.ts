import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { expect, it } from 'vitest'

import { freePort } from '../support/process.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** The fenced blocks of a language, in order. */
function blocks(text: string, language: string): string[] {
  return [...text.matchAll(new RegExp(`^\`\`\`${language}\n([^]*?)^\`\`\`$`, 'gm'))].map(
    ([, code = '']) => code,
  )
}

it('redeems a voucher by the very commands of docs/api.md', async () => {
  const text = readFileSync(join(root, 'docs/api.md'), 'utf8')
  const folder = mkdtempSync(join(tmpdir(), 'symbolon-docs-'))
  const data = join(folder, 'node')
  const [file = ''] = blocks(text, 'js')
  writeFileSync(join(folder, 'sign.mjs'), file)
  const script = blocks(text, 'sh')
    .join('\n')
    .replaceAll('node sign.mjs', `node ${folder}/sign.mjs`)
  const shell = spawn('bash', ['-euo', 'pipefail', '-c', script], {
    cwd: root,
    env: { ...process.env, D: data, PORT: String(await freePort()), LOG_LEVEL: 'error' },
  })
  let out = ''
  for (const stream of [shell.stdout, shell.stderr]) {
    stream.on('data', (part) => {
      out += part
    })
  }
  const code = await new Promise((resolve) => shell.once('close', resolve))
  expect(code, out.slice(-3000)).toBe(0)
  const answer = (name: string) => JSON.parse(readFileSync(join(data, name), 'utf8'))
  expect(answer('import.json')).toMatchObject({ read: 2, added: 2, refused: 0 })
  expect(answer('redemption.json')).toMatchObject({ state: 'committed', amount: 1000 })
  expect(answer('second.json')).toMatchObject({ status: 409, code: 'ALREADY_REDEEMED' })
  rmSync(folder, { recursive: true })
}, 120_000)
