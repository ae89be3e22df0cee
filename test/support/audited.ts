import { expect } from 'vitest'

import { utf8 } from '../../src/base/bytes.ts'
import { systemClock } from '../../src/base/clock.ts'
import { sha256 } from '../../src/base/sha256.ts'
import type { Deployment } from '../../src/compose.ts'
import { parsePolicy } from '../../src/formats/tlog/policy.ts'
import { integrate } from '../../src/ledger/integrate.ts'
import { databaseSources } from '../../src/ledger/log-source.ts'
import { verifyLogs } from '../../src/ledger/verify.ts'

/** Ends a journey: brings every leaf into the log, runs the auditor on it and on the database. */
export async function expectAudited({
  store,
  logs,
  close,
}: Pick<Deployment, 'store' | 'logs' | 'close'>): Promise<void> {
  if (store.engine === 'postgres') {
    const tick = () =>
      store.transaction((tx) => integrate(tx, logs.keyOf, systemClock(), { shared: true }))
    while ((await tick()) > 0);
  }
  const lines = logs.vkeys.map((vkey) => `log ${vkey}\n`)
  const policy = parsePolicy(sha256, utf8(`${lines.join('')}quorum none\n`))
  const sources = await databaseSources(store.read)
  const report = await verifyLogs(sources, policy, { database: store.read })
  expect(report.findings).toEqual([])
  expect(report.ok).toBe(true)
  await close()
}
