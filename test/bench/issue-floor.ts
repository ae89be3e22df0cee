import Database from 'better-sqlite3'
import pg from 'pg'

import type { Engine } from './database.ts'

const columns = `bucket, id, programme_id, benefit_id, benefit_version, batch_id, member_id, person_id,
  seq, origin, state, version, uses_total, uses_left, amount, offer_to, valid_from, valid_to,
  issued_at, claimed_at, reversals, last_leaf`

/**
 * The floor: one INSERT … SELECT of vouchers for the entitled members, durable, into the table
 * itself.
 */
export async function rawInserter(engine: Engine, url: string) {
  return engine === 'sqlite' ? sqliteRaw(url.slice('sqlite:'.length)) : postgresRaw(url)
}

function sqliteRaw(path: string) {
  const db = new Database(path)
  db.pragma('synchronous = FULL')
  return {
    async insert() {
      const begun = performance.now()
      const { changes } = db
        .prepare(
          `insert into vouchers (${columns}) select bucket, substr(hex(randomblob(16)), 1, 32), 'p',
           'floor', 1, 'floor' || ?, id, person_id, 1, 'offer', 'offered', 1, 1, 1, 1000, 1, 1, 1, 1,
           null, 0, zeroblob(32) from members where occupation = 'courier' and standing = 'active'`,
        )
        .run(begun)
      const seconds = (performance.now() - begun) / 1000
      db.exec("delete from vouchers where benefit_id = 'floor'")
      return { rows: changes, seconds }
    },
    async close() {
      db.close()
    },
  }
}

async function postgresRaw(url: string) {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  return {
    async insert() {
      const begun = performance.now()
      const { rowCount } = await client.query(
        `insert into vouchers (${columns}) select bucket, replace(gen_random_uuid()::text, '-', ''),
         'p', 'floor', 1, 'floor' || $1::text, id, person_id, 1, 'offer', 'offered', 1, 1, 1, 1000, 1, 1,
         1, 1, null, 0, decode(repeat('00', 32), 'hex')
         from members where occupation = 'courier' and standing = 'active'`,
        [String(begun)],
      )
      const seconds = (performance.now() - begun) / 1000
      await client.query("delete from vouchers where benefit_id = 'floor'")
      return { rows: rowCount ?? 0, seconds }
    },
    close: () => client.end(),
  }
}
