import { afterAll, beforeAll, expect, it } from 'vitest'

import { type Ground, openGround } from './ground.ts'

let ground: Ground
let at: string
beforeAll(async () => {
  ground = await openGround('sqlite')
  at = `${ground.server.url}/2026`
})
afterAll(() => ground.server.close())

const sizeOf = async () => Number((await (await fetch(`${at}/checkpoint`)).text()).split('\n')[1])

it('lets a checkpoint be kept for a second, and a tile for ever', async () => {
  const size = await sizeOf()
  const kept = { checkpoint: 'public, max-age=1' } as Record<string, string>
  for (const path of [`tile/0/000.p/${size}`, `tile/entries/000.p/${size}`]) {
    kept[path] = 'public, max-age=31536000, immutable'
  }
  for (const [path, caching] of Object.entries(kept)) {
    const got = await fetch(`${at}/${path}`)
    expect(got.status).toBe(200)
    expect(got.headers.get('cache-control')).toBe(caching)
    expect(got.headers.get('access-control-allow-origin')).toBe('*')
    const type = path === 'checkpoint' ? 'text/plain; charset=utf-8' : 'application/octet-stream'
    expect(got.headers.get('content-type')).toBe(type)
    const head = await fetch(`${at}/${path}`, { method: 'HEAD' })
    expect(head.status).toBe(200)
    expect(head.headers.get('cache-control')).toBe(caching)
    expect(head.headers.get('content-length')).toBe(got.headers.get('content-length'))
    expect(await head.text()).toBe('')
  }
})

it('has no tile beyond the tree, and lets nobody keep that', async () => {
  const size = await sizeOf()
  const beyond = [`tile/0/000.p/${size + 1}`, 'tile/0/000', 'tile/0/001', 'tile/1/000.p/1']
  const malformed = ['tile/0/000.p/0', 'tile/0/000.p/256', 'tile/00/000', 'tile/0/0', 'tile/64/000']
  for (const path of [...beyond, ...malformed, 'tile/entries/000', 'issued/x', 'issued/0']) {
    const { status, headers } = await fetch(`${at}/${path}`)
    expect([path, status]).toEqual([path, 404])
    expect(headers.get('cache-control')).toBe('no-store')
  }
  // a narrower one is the beginning of the wider one
  const wide = await (await fetch(`${at}/tile/0/000.p/${size}`)).arrayBuffer()
  const narrow = await (await fetch(`${at}/tile/0/000.p/1`)).arrayBuffer()
  expect(Buffer.from(narrow)).toEqual(Buffer.from(wide).subarray(0, 32))
})
