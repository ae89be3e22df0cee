import { expect } from 'vitest'

import { sha256 } from '../../src/base/sha256.ts'
import { deviceAgent, type EnrolledDevice, keyAgent } from '../../src/cli/demo/agent.ts'
import { must } from '../../src/cli/demo/desk.ts'
import { parsePolicy } from '../../src/formats/tlog/policy.ts'
import { integrate } from '../../src/ledger/integrate.ts'
import { databaseSource } from '../../src/ledger/log-source.ts'
import { verifyLog } from '../../src/ledger/verify.ts'
import { readSnapshot } from '../../src/store/snapshot.ts'
import type { TestServer } from '../support/server.ts'
import type { Desk } from '../support/union.ts'

export type Person = Readonly<Record<'name' | 'idNumber' | 'mobile', string>>

/** What somebody of a roster says of themselves in an application. */
export function said({ name, idNumber, mobile }: Person) {
  return { name, id_number: idNumber, mobile, occupation: 'courier', consent: true }
}

/** Somebody who applies and is approved by that desk: the phone, signed in. */
export async function newcomer(
  server: TestServer,
  { ask }: Pick<Desk, 'ask'>,
  given: { person: Person; org: string },
) {
  const { code } = await must(ask('POST', '/admin/join-codes', { org_code: given.org }), 201)
  const phone = keyAgent(server)
  const sent = { code, ...said(given.person) }
  await must(phone.ask('POST', '/applications', sent), 201)
  const list = `/admin/applications?org_code=${given.org}&state=waiting&limit=200`
  const { items } = await must(ask('GET', list))
  const { id, version } = (items as unknown as { id: string; version: number }[]).at(-1)!
  const decision = { decision: 'approve', version }
  await must(ask('POST', `/admin/applications/${id}/decisions`, decision))
  const { device } = await must(phone.ask('GET', '/applications/mine'))
  const enrolled = device as unknown as EnrolledDevice & { member_id: string }
  const agent = await deviceAgent(server, enrolled, phone.key)
  return { ...agent, applicationId: id, memberId: enrolled.member_id }
}

/** Brings every leaf into the log of a server and runs the auditor on it and the database. */
export async function expectGoodBooks({ store, deployment, now }: TestServer): Promise<void> {
  const { logKey } = deployment
  if (store.engine === 'postgres') {
    const once = () => store.transaction((tx) => integrate(tx, () => logKey, now, { shared: true }))
    while ((await once()) > 0);
  }
  const policy = parsePolicy(sha256, Buffer.from(`log ${logKey.vkey}\nquorum none\n`))
  // The server goes on with its log meanwhile: the auditor looks at one moment of it.
  const report = await readSnapshot(deployment.location, (reader) =>
    verifyLog(databaseSource(reader, logKey.name), policy, { database: reader }),
  )
  expect(report.findings).toEqual([])
  expect(report.ok).toBe(true)
}
