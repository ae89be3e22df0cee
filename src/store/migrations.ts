import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** Where the SQL of an engine's schema lies. */
export function migrationsFolder(engine: 'sqlite' | 'postgres'): string {
  return fileURLToPath(new URL(`../../migrations/${engine}`, import.meta.url))
}

/** How many migrations this program knows beyond the `applied` ones. */
export function pendingMigrations(engine: 'sqlite' | 'postgres', applied: number): number {
  const journal = readFileSync(`${migrationsFolder(engine)}/meta/_journal.json`, 'utf8')
  const { entries } = JSON.parse(journal) as { entries: unknown[] }
  return Math.max(0, entries.length - applied)
}
