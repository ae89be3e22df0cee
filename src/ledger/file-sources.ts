import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import type { Bytes } from '../base/bytes.ts'
import { second } from '../base/clock.ts'
import { Weather } from '../base/refusal.ts'
import {
  bundlePath,
  decodeBundle,
  encodeBundle,
  tilePath,
  tileWidth,
} from '../formats/tlog/tiles.ts'
import type { LogSource } from './log-source.ts'

const timeLimitMs = 30 * second
const attempts = 3
const maxCheckpoint = 1_000_000
const maxTile = 256 * 32
const maxBundle = 256 * (2 + 65_535)
/** A million vouchers in one chunk. */
const maxList = 16_000_000

/** Answers a file of at most `limit` octets by its path below the log, or `undefined`. */
type ReadPath = (path: string, limit: number) => Promise<Bytes | undefined>

/**
 * A log as files in the layout of tlog-tiles: `checkpoint`, `tile/…`, `issued/<leaf index>`.
 * Reads synchronously: ten thousand small files took twice as long through the thread pool.
 */
export function directorySource(directory: string): LogSource {
  return byPath('directory', async (path, limit) => {
    const file = join(directory, path)
    try {
      const { buffer, byteOffset, length } = readFileSync(file)
      if (length > limit) throw new Weather(`${path} is too long`, undefined)
      return new Uint8Array(buffer, byteOffset, length)
    } catch (error) {
      if (error instanceof Weather) throw error
      const code = error instanceof Error && 'code' in error ? error.code : ''
      if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
      throw new Weather(`cannot read ${path}`, error)
    }
  })
}

/**
 * A log at an address, the same layout. Sizes are bounded, a request takes 30 seconds at the most,
 * and what a repetition may heal (network, 429, 5xx) is tried three times; then it is Weather.
 */
export function urlSource(prefix: string): LogSource {
  const base = prefix.replace(/\/+$/, '')
  return byPath('url', async (path, limit) => {
    for (let attempt = 1; ; attempt++) {
      try {
        return await get(`${base}/${path}`, limit)
      } catch (error) {
        const final = error instanceof Weather || attempt === attempts
        if (final) throw error instanceof Weather ? error : new Weather(`cannot get ${path}`, error)
        await new Promise((resolve) => setTimeout(resolve, 200 * 2 ** attempt))
      }
    }
  })
}

function byPath(place: LogSource['place'], read: ReadPath): LogSource {
  return {
    place,
    checkpoint: () => read('checkpoint', maxCheckpoint),
    async tile(level, index, width) {
      const exact = await read(tilePath({ level, index, width }), maxTile)
      if (exact || width === tileWidth) return exact
      // A log need not keep a partial tile once it has the full one.
      const full = await read(tilePath({ level, index, width: tileWidth }), maxTile)
      return full?.slice(0, width * 32)
    },
    async bundle(index, width) {
      const exact = await read(bundlePath({ index, width }), maxBundle)
      if (exact || width === tileWidth) return exact
      const full = await read(bundlePath({ index, width: tileWidth }), maxBundle)
      return full && encodeBundle(decodeBundle(full, tileWidth).slice(0, width))
    },
    issued: (leafIndex) => read(`issued/${leafIndex}`, maxList),
  }
}

/** Plain errors may be tried again; Weather is final. */
async function get(url: string, limit: number): Promise<Bytes | undefined> {
  const response = await fetch(url, { signal: AbortSignal.timeout(timeLimitMs) })
  const { status, body } = response
  if (status === 404 || status === 410) return undefined
  if (status === 429 || status >= 500) throw new Error(`status ${status}`)
  if (status !== 200) throw new Weather(`unexpected status ${status} for ${url}`, undefined)
  const parts: Uint8Array[] = []
  let length = 0
  for await (const part of body ?? []) {
    length += part.length
    if (length > limit) throw new Weather(`${url} is too long`, undefined)
    parts.push(part)
  }
  return Buffer.concat(parts)
}
