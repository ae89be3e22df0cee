import { sql } from 'drizzle-orm'
import { expect } from 'vitest'

import { utf8 } from '../../src/base/bytes.ts'
import { systemClock } from '../../src/base/clock.ts'
import { sha256 } from '../../src/base/sha256.ts'
import type { Deployment } from '../../src/compose.ts'
import { parsePolicy } from '../../src/formats/tlog/policy.ts'
import { integrate } from '../../src/ledger/integrate.ts'
import { databaseSources } from '../../src/ledger/log-source.ts'
import { verifyLogs } from '../../src/ledger/verify.ts'
import { readSnapshot } from '../../src/store/snapshot.ts'
import type { Reader, Store } from '../../src/store/store.ts'

type Audited = Pick<Deployment, 'store' | 'logs' | 'close'>

/** Ends a journey: brings every leaf into the log, runs the auditor on it and on the database. */
export async function expectAudited({ store, logs, close }: Audited): Promise<void> {
  if (store.engine === 'postgres') await integrateAll(store, logs)
  const lines = logs.vkeys.map((vkey) => `log ${vkey}\n`)
  const policy = parsePolicy(sha256, utf8(`${lines.join('')}quorum none\n`))
  // A server may be writing still: the auditor reads one snapshot.
  const report = await inSnapshot(store, async (reader) =>
    verifyLogs(await databaseSources(reader), policy, { database: reader }),
  )
  expect(report.findings).toEqual([])
  expect(report.ok).toBe(true)
  await close()
}

/** Until nothing waits, also when a server's own tick holds the log for the moment. */
async function integrateAll(store: Store, logs: Audited['logs']): Promise<void> {
  const waiting = () => store.read.$count(store.read.tables.pendingLeaves)
  while ((await waiting()) > 0) {
    await store.transaction((tx) => integrate(tx, logs.keyOf, systemClock(), { shared: true }))
  }
}

async function inSnapshot<T>(store: Store, work: (reader: Reader) => Promise<T>): Promise<T> {
  if (store.engine === 'postgres') {
    return store.transaction(async (tx) => {
      await tx.rows(sql`set transaction isolation level repeatable read, read only`)
      return work(tx)
    })
  }
  const [main] = await store.read.rows<{ file: string }>(sql`pragma database_list`)
  return readSnapshot({ engine: 'sqlite', path: main!.file }, work)
}
