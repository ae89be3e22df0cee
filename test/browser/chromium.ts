import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { fontConfiguration } from './fonts.ts'
import { settle } from './settle.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const parts = ['chromium.br', 'fonts.tar.br', 'swiftshader.tar.br', 'al2023.tar.br']

/** How the tests start a browser on a machine that has none: Chromium, its libraries and a font. */
export async function launchOptions(
  args: readonly string[] = [],
): Promise<{ executablePath: string; args: string[]; env: Record<string, string> }> {
  const executablePath = await chromiumPath()
  const env = { ...process.env } as Record<string, string>
  if (!process.env.CHROMIUM_PATH) {
    const libraries = [join(dirname(executablePath), 'al2023/lib'), env.LD_LIBRARY_PATH]
    env.LD_LIBRARY_PATH = libraries.filter(Boolean).join(':')
    env.FONTCONFIG_FILE = await fontConfiguration(root)
  }
  return { executablePath, args: ['--no-sandbox', '--lang=en-US', ...args], env }
}

/**
 * Unpacks the browser of @sparticuz/chromium once, below node_modules/.cache: its own default is a
 * folder that everybody on the machine shares. `CHROMIUM_PATH` names another browser.
 */
async function chromiumPath(): Promise<string> {
  if (process.env.CHROMIUM_PATH) return process.env.CHROMIUM_PATH
  const from = join(root, 'node_modules/@sparticuz/chromium')
  const { version } = JSON.parse(readFileSync(join(from, 'package.json'), 'utf8'))
  const place = join(root, `node_modules/.cache/chromium-${version}`)
  if (!existsSync(place)) {
    const making = `${place}.${process.pid}`
    mkdirSync(making, { recursive: true })
    const before = process.env.TMPDIR
    process.env.TMPDIR = making // `inflate` writes where the system keeps temporary files
    try {
      const { inflate } = await import('@sparticuz/chromium')
      await Promise.all(parts.map((part) => inflate(join(from, 'bin', part))))
    } finally {
      if (before === undefined) delete process.env.TMPDIR
      else process.env.TMPDIR = before
    }
    settle(making, place)
  }
  return join(place, 'chromium')
}
