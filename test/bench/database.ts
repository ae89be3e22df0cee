import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { migratePostgres } from '../../src/store/postgres.ts'
import { createSqlite } from '../../src/store/sqlite.ts'
import { startPg } from '../support/postgres-server.ts'

export type Engine = 'sqlite' | 'postgres'

/** A migrated, empty, durable database for a benchmark, as DATABASE_URL names it. */
export async function benchDatabase(
  engine: Engine,
): Promise<{ url: string; stop(): Promise<void> }> {
  if (engine === 'sqlite') {
    const path = join(mkdtempSync(join(tmpdir(), 'symbolon-bench-')), 'symbolon.db')
    createSqlite(path)
    return { url: `sqlite:${path}`, stop: async () => {} }
  }
  const server = await startPg({ durable: true })
  await migratePostgres(server.url)
  return { url: server.url, stop: server.stop }
}

/** The middle of a list of numbers. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
}

/** The value below which `share` of the sorted list lies. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
}
