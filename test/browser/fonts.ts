import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { decompress } from 'wawoff2'

import { settle } from './settle.ts'

const families = ['sans-serif', 'serif', 'monospace', 'system-ui']

/**
 * Makes Chinese text visible where no font has it: slices of a web font become TTF files for
 * fontconfig, once. The only font there is, so that pictures are the same on every machine.
 */
export async function fontConfiguration(root: string): Promise<string> {
  const from = join(root, 'node_modules/@fontsource-variable/noto-sans-sc')
  const { version } = JSON.parse(readFileSync(join(from, 'package.json'), 'utf8'))
  const place = join(root, `node_modules/.cache/fonts-${version}`)
  if (!existsSync(place)) {
    const making = `${place}.${process.pid}`
    mkdirSync(join(making, 'ttf'), { recursive: true })
    for (const file of readdirSync(join(from, 'files'))) {
      const ttf = await decompress(readFileSync(join(from, 'files', file)))
      writeFileSync(join(making, 'ttf', file.replace(/woff2$/, 'ttf')), ttf)
    }
    writeFileSync(join(making, 'fonts.conf'), configuration(place))
    settle(making, place)
  }
  return join(place, 'fonts.conf')
}

function configuration(place: string): string {
  const preferred = families.map(
    (family) =>
      `<alias><family>${family}</family><prefer><family>Noto Sans SC</family></prefer></alias>`,
  )
  return `<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig>
<dir>${place}/ttf</dir><cachedir>${place}/cache</cachedir>
${preferred.join('\n')}
</fontconfig>
`
}
