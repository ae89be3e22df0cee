import { openPostgres } from './postgres.ts'
import { openSqlite, type SqliteOptions } from './sqlite.ts'
import type { Store } from './store.ts'

/** Where the data is: a PostgreSQL server, or a file. */
export type Location =
  | { readonly engine: 'sqlite'; readonly path: string }
  | { readonly engine: 'postgres'; readonly url: string }

/**
 * Reads `DATABASE_URL`. Without one the data is in `<data>/symbolon.db`.
 * `postgres://…`, `postgresql://…` or `sqlite:<path>`; any other scheme is a TypeError.
 */
export function locate(url: string | undefined, data: string): Location {
  if (!url) return { engine: 'sqlite', path: `${data}/symbolon.db` }
  if (/^postgres(ql)?:\/\//.test(url)) return { engine: 'postgres', url }
  const file = /^(?:sqlite|file):(?:\/\/)?(.+)$/.exec(url)?.[1]
  if (file) return { engine: 'sqlite', path: file }
  const scheme = /^[a-z][a-z0-9+.-]*(?=:)/i.exec(url)?.[0] ?? 'none'
  throw new TypeError(`unexpected scheme "${scheme}" in DATABASE_URL, expected postgres or sqlite`)
}

/** Opens what `locate` found. Neither makes nor migrates anything. */
export async function openStore(location: Location, options?: SqliteOptions): Promise<Store> {
  return location.engine === 'sqlite'
    ? openSqlite(location.path, options)
    : openPostgres(location.url)
}
