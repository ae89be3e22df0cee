import { createHash } from 'node:crypto'

import type { Plugin, Rolldown } from 'vite'

/**
 * Emits `sw.js`: it keeps the files of this build, answers a navigation to one of `shells` with its
 * page, and leaves everything else, the API above all, to the network. A new build takes over when
 * the last page of the old one is closed, or when a page says so.
 */
export function serviceWorker({ shells }: { readonly shells: readonly string[] }): Plugin {
  return {
    name: 'symbolon-service-worker',
    apply: 'build',
    enforce: 'post',
    generateBundle: {
      order: 'post',
      handler(_options, bundle) {
        const files = filesOf(bundle, shells)
        const hash = createHash('sha256')
        for (const file of files) {
          hash.update(file.fileName).update(file.type === 'chunk' ? file.code : file.source)
        }
        const addresses = files.map(({ fileName }) => addressOf(fileName))
        // The scanner is large: it is kept when a page first asks for it.
        const late = addresses.filter((address) => address.endsWith('.wasm'))
        const kept = addresses.filter((address) => !late.includes(address))
        this.emitFile({
          type: 'asset',
          fileName: 'sw.js',
          source: source(hash.digest('hex').slice(0, 12), { kept, late, shells }),
        })
      },
    },
  }
}

/** What the shells are made of, now and later; pages that need the network are not kept. */
function filesOf(bundle: Rolldown.OutputBundle, shells: readonly string[]) {
  const wanted = new Set<string>()
  const add = (name: string) => {
    const file = bundle[name]
    if (!file || wanted.has(name)) return
    wanted.add(name)
    if (file.type !== 'chunk') return
    const { importedCss, importedAssets } = file.viteMetadata ?? {}
    const late = [...(importedCss ?? []), ...(importedAssets ?? [])]
    for (const next of [...file.imports, ...file.dynamicImports, ...late]) add(next)
  }
  for (const file of Object.values(bundle)) {
    const entry = file.type === 'chunk' && file.isEntry ? file.facadeModuleId : undefined
    const shell = shells.find((one) => entry?.endsWith(`/web${one}index.html`))
    if (!shell) continue
    add(file.fileName)
    add(`${shell.slice(1)}index.html`)
  }
  return [...wanted].flatMap((name) => bundle[name] ?? [])
}

/** Where the server has a file: a page under its folder. */
function addressOf(file: string): string {
  return `/${file.replace(/(^|\/)index\.html$/, '$1')}`
}

function source(build: string, lists: Readonly<Record<string, readonly string[]>>): string {
  return `const name = 'shell-${build}'
const { kept, late, shells } = ${JSON.stringify(lists)}
addEventListener('install', (event) => event.waitUntil(keep()))
addEventListener('activate', (event) => event.waitUntil(takeOver()))
addEventListener('message', ({ data }) => { if (data === 'take over') skipWaiting() })
addEventListener('fetch', (event) => {
  const { request } = event
  const { origin, pathname } = new URL(request.url)
  if (request.method !== 'GET' || origin !== location.origin) return
  const shell = request.mode === 'navigate' && shells.find((one) => pathname === one)
  if (shell || kept.includes(pathname)) event.respondWith(answer(shell || pathname, request))
  else if (late.includes(pathname)) event.respondWith(answerAndKeep(pathname, request))
})
async function keep() {
  const cache = await caches.open(name)
  await Promise.all(kept.map(async (path) => {
    const answer = await fetch(new Request(path, { cache: 'reload' }))
    if (!answer.ok) throw new Error(path + ' ' + answer.status)
    await cache.put(path, answer)
  }))
}
async function takeOver() {
  const old = (await caches.keys()).filter((key) => key.startsWith('shell-') && key !== name)
  await Promise.all(old.map((key) => caches.delete(key)))
  await clients.claim()
}
async function answerAndKeep(path, request) {
  const known = await caches.match(path, { cacheName: name })
  if (known) return known
  const fetched = await fetch(request)
  if (fetched.ok) await (await caches.open(name)).put(path, fetched.clone())
  return fetched
}
async function answer(path, request) {
  return (await caches.match(path, { cacheName: name })) ?? fetch(request)
}
`
}
