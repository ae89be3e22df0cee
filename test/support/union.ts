import { readFileSync } from 'node:fs'
import { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'

import { day } from '../../src/base/clock.ts'
import { type Ask, adminAgent, memberAgent, terminalAgent } from '../../src/cli/demo/agent.ts'
import { fund, must } from '../../src/cli/demo/desk.ts'
import { readOrganisationFile } from '../../src/identity/organisation-file.ts'
import { importOrganisations } from '../../src/identity/organisation-import.ts'
import { createClient, createStaff } from '../../src/identity/principals.ts'
import type { Role } from '../../src/identity/roles.ts'
import { newEs256Key } from '../../src/keys/sign-jws.ts'
import type { TestServer } from './server.ts'

/** Ningxia, and two counties that must not see each other. */
export const province = '640000'
export const counties = ['640104', '640221'] as const

/** A program of somebody's with a role on a subtree, registered and signed in. */
export async function desk(
  server: TestServer,
  {
    role = 'admin',
    org = province,
    personId,
  }: { role?: Role; org?: string; personId?: string } = {},
) {
  const { store } = server
  const { node } = server.deployment
  const key = newEs256Key()
  const { id, owner } = await store.transaction(async (tx) => {
    const now = server.now
    const given = { name: '王干事', grants: [], now, ...(personId && { personId }) }
    const owner = await createStaff(tx, given)
    const grants = [{ role, orgCode: org }]
    const client = { ownerId: owner.id, name: 'desk', grants, now, jwk: key.jwk }
    return { ...(await createClient(tx, node, client)), owner }
  })
  const signIn = () => adminAgent(server, id, key)
  return { ...(await signIn()), key, signIn, ownerId: owner.id, personId: owner.personId }
}

export type Desk = Awaited<ReturnType<typeof desk>>

/** The tree of Ningxia's unions, and whatever `more` says in the same form. */
export async function plantTree({ store, now }: TestServer, more = ''): Promise<void> {
  const all = readFileSync(new URL('organisations.csv', import.meta.url), 'utf8').split('\n')
  const ours = all.filter((line, i) => i === 0 || /^(000000|64)/.test(line))
  const rows = await readOrganisationFile(
    Readable.from([Buffer.from(`${ours.join('\n')}\n${more}`)]),
  )
  await store.transaction((tx) => importOrganisations(tx, rows, now))
}

/** A roster of so many couriers in an organisation, and what must stay between us and them. */
export function roster(org: string, count: number, prefix = 'T') {
  const people = Array.from({ length: count }, (_, i) => {
    const serial = String(i + 1).padStart(3, '0')
    const body = `99${org.slice(0, 4)}19900101${serial}`
    return {
      memberNo: `${prefix}${org}${serial}`,
      name: `欧阳${[...'伟芳娜敏静丽强磊军洋'][i % 10]}${serial}`,
      idNumber: `${body}${checkCharacter(body)}`,
      mobile: `199${org.slice(2, 6)}${serial.padStart(4, '0')}`,
    }
  })
  const lines = people.map(({ memberNo, name, idNumber, mobile }) =>
    [
      memberNo,
      name,
      'resident_id',
      idNumber,
      mobile,
      org,
      'courier',
      '2020-01-01',
      'no',
      'no',
    ].join(),
  )
  const head =
    'member_no,name,id_type,id_number,mobile,org_code,occupation,joined_on,hardship,model_worker'
  return { people, csv: Buffer.from(`${[head, ...lines].join('\n')}\n`) }
}

function checkCharacter(body: string): string {
  const weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
  const sum = weights.reduce((total, weight, i) => total + weight * Number(body[i]), 0)
  return '10X98765432'[sum % 11] ?? ''
}

/** Sends a roster as a file; answers the first answer. */
export function sendRoster(
  server: TestServer,
  { token }: { token: string },
  { org, file, key = crypto.randomUUID() }: { org: string; file: Uint8Array; key?: string },
) {
  const authorization = `Bearer ${token}`
  return fetch(`${server.url}/api/v1/admin/imports?org_code=${org}`, {
    method: 'POST',
    headers: { authorization, 'content-type': 'text/csv', 'idempotency-key': key },
    body: Buffer.from(file),
  })
}

/** The same, and waits for its end. */
export async function importRoster(
  server: TestServer,
  by: Pick<Desk, 'ask' | 'token'>,
  { org, file }: { org: string; file: Uint8Array },
) {
  const sent = await sendRoster(server, by, { org, file })
  const { id } = (await sent.json()) as { id: string }
  return ended(by.ask, `/admin/imports/${id}`)
}

/** Waits until what is at the path is no longer running: half a minute at the most. */
export async function ended(ask: Ask, path: string) {
  const patience = AbortSignal.timeout(30_000)
  for (;;) {
    const body = await must(ask('GET', path))
    if (body.state !== 'running' && body.state !== 'recalling') return body
    if (patience.aborted) throw new Error(`${path} is still ${JSON.stringify(body)}`)
    await sleep(20)
  }
}

/** A programme with money, to which another desk there has put its signature. */
export async function programme(server: TestServer, ask: Ask, org: string = province) {
  const { now } = server
  const given = {
    public_id: `p-${crypto.randomUUID()}`,
    ...{ name_zh: '项目', name_en: 'programme', org_code: org },
    ...{ period_from: now - day, period_to: now + 365 * day },
  }
  const { id } = await must(ask('POST', '/admin/programmes', given), 201)
  const second = await desk(server, { role: 'approver', org })
  await fund(ask, second, { programmeId: String(id), amount: 10_000_000 })
  return String(id)
}

/**
 * A benefit in force that is taken everywhere: a coupon of CNY 10, unless `changes` say otherwise.
 */
export async function benefit(ask: Ask, programmeId: string, changes: object = {}) {
  const definition = {
    name: { zh: '洗车券', en: 'car wash' },
    description: { zh: '洗一次车', en: 'one car wash' },
    details: { kind: 'coupon', face_value: 1000, minimum_spend: 0 },
    amount: 1000,
    validity: { days_after_claim: 30 },
    supply: 'stock',
    stock: 1000,
    criteria: { fact: 'occupation', op: 'eq', value: 'courier' },
    ...changes,
  }
  const draft = { programme_id: programmeId, definition }
  const { benefit_id } = await must(ask('POST', '/admin/benefits', draft), 201)
  const rules = { rules: [{ target: 'all', value: '' }] }
  await must(ask('PUT', `/admin/benefits/${benefit_id}/acceptance`, rules))
  await must(ask('POST', `/admin/benefits/${benefit_id}/publish`, {}))
  return String(benefit_id)
}

/** A member with an enrolled phone. */
export async function phone(server: TestServer, ask: Ask, memberNo: string) {
  const { id } = await must(ask('POST', '/admin/members/search', { member_no: memberNo }))
  const path = `/admin/members/${id}/activations`
  const { activation_code } = await must(ask('POST', path, {}), 201)
  const given = { memberNo, activationCode: String(activation_code) }
  return { ...(await memberAgent(server, given)), memberId: String(id), memberNo }
}

/** A terminal of a store, provisioned, with an open shift. */
export async function till(
  server: TestServer,
  ask: Ask,
  storeId: string,
  role: 'cashier' | 'manager' = 'cashier',
) {
  const at = `/admin/stores/${storeId}`
  const { id } = await must(ask('POST', `${at}/terminals`, { name: 'till' }), 201)
  const cashier = await must(ask('POST', `${at}/cashiers`, { name: '李', pin: '2468', role }), 201)
  const { token } = await must(ask('POST', `/admin/terminals/${id}/provisionings`, {}), 201)
  const agent = await terminalAgent(server, String(token))
  const shift = { cashier_id: cashier.id, pin: '2468' }
  await must(agent.ask('POST', '/terminal/shifts', shift), 201)
  return { ...agent, cashierId: String(cashier.id) }
}

export type Till = Awaited<ReturnType<typeof till>>

export type Phone = Awaited<ReturnType<typeof phone>>

/** Claims a unit of open stock; answers the voucher's id. */
export async function claim({ ask }: Pick<Phone, 'ask'>, benefitId: string): Promise<string> {
  return String((await must(ask('POST', `/benefits/${benefitId}/claims`, {}), 201)).id)
}
