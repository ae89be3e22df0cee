// Some registries (mirrors) do not hold every per-platform package of a tool (esbuild-style optionalDependencies).
// `npm install` then leaves them out of package-lock.json, and `npm ci` refuses the file ("Missing: …@ from lock file").
// This adds the missing entries (never installed here: wrong os/cpu/libc), so that `npm ci` works. Run after every `npm install`.
import { readFileSync, writeFileSync } from 'node:fs'

type Entry = {
  version?: string
  optional?: boolean
  dev?: boolean
  os?: string[]
  cpu?: string[]
  libc?: string[]
  optionalDependencies?: Record<string, string>
}
const file = 'package-lock.json'
const lock = JSON.parse(readFileSync(file, 'utf8')) as { packages: Record<string, Entry> }
const OS =
  /(?:^|-)(android|darwin|win32|linux|linuxmusl|freebsd|openbsd|netbsd|openharmony|aix|sunos)(?=-|$)/
const CPU = /(?:^|-)(x64|arm64|arm|ia32|ppc64|riscv64|s390x|loong64|mips64el|wasm32)(?=-|$)/
const added: string[] = []
for (const [at, entry] of Object.entries(lock.packages)) {
  for (const [name, spec] of Object.entries(entry.optionalDependencies ?? {})) {
    let dir = at
    let found = false
    for (;;) {
      if (lock.packages[`${dir ? `${dir}/` : ''}node_modules/${name}`]) found = true
      if (found || dir === '') break
      dir = dir.includes('/node_modules/') ? dir.slice(0, dir.lastIndexOf('/node_modules/')) : ''
    }
    const leaf = name.slice(name.indexOf('/') + 1)
    const os = OS.exec(leaf)?.[1]
    const cpu = CPU.exec(leaf)?.[1]
    if (found || !os || !/^\d/.test(spec)) continue
    lock.packages[`node_modules/${name}`] = {
      version: spec,
      ...(entry.dev ? { dev: true } : {}),
      optional: true,
      os: [os === 'linuxmusl' ? 'linux' : os],
      ...(cpu ? { cpu: [cpu] } : {}),
      ...(/musl/.test(leaf) ? { libc: ['musl'] } : {}),
    }
    added.push(`${name}@${spec}`)
  }
}
const sorted = Object.fromEntries(
  Object.entries(lock.packages).sort(([a], [b]) => (a < b ? -1 : 1)),
)
writeFileSync(file, `${JSON.stringify({ ...lock, packages: sorted }, null, 2)}\n`)
console.log(`package-lock.json: ${added.length} entries added`)
