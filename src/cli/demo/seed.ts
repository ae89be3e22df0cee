import { readFile } from 'node:fs/promises'
import { Readable } from 'node:stream'

import { type Clock, hour } from '../../base/clock.ts'
import type { Deployment } from '../../compose.ts'
import { readOrganisationFile } from '../../identity/organisation-file.ts'
import { importOrganisations } from '../../identity/organisation-import.ts'
import { createClient, createStaff } from '../../identity/principals.ts'
import { importRoster } from '../../jobs/roster-import.ts'
import { type Es256Key, newEs256Key } from '../../keys/sign-jws.ts'
import { toGb18030 } from './gb18030.ts'
import { type DemoUnion, demoRoster, demoUnions } from './roster.ts'

/** The provincial federation of the demonstration. */
export const demoProvince = '640000'

/** A person of the union with a program that acts for them. */
export interface DemoDesk {
  readonly name: string
  readonly clientId: string
  readonly key: Es256Key
}

/** Who drafts, and who may approve: all of them different persons. */
export interface DemoDesks {
  readonly maker: DemoDesk
  readonly approvers: readonly DemoDesk[]
}

/** Imports Ningxia's real tree of unions and `unions` enterprise unions below its counties. */
export async function seedTree(
  { store }: Deployment,
  clock: Clock,
  unions = 60,
): Promise<readonly DemoUnion[]> {
  const file = await readFile(new URL('organisations.csv', import.meta.url))
  const rows = await readOrganisationFile(Readable.from([file]))
  const counties = rows.filter(({ level }) => level === 'county').map(({ code }) => code)
  const grassroots = demoUnions(counties, unions)
  const all = [
    ...rows,
    ...grassroots.map(({ code, county, nameZh }, i) => ({
      row: rows.length + i + 1,
      code,
      parentCode: county,
      level: 'grassroots',
      nameZh,
    })),
  ]
  await store.transaction((tx) => importOrganisations(tx, all, clock()))
  return grassroots
}

/** Imports a synthetic roster from a file in GB18030, as the desk would. */
export async function seedMembers(
  { store, node }: Deployment,
  clock: Clock,
  unions: readonly DemoUnion[],
  count: number,
): Promise<number> {
  const { csv } = demoRoster(unions, count)
  const { added } = await importRoster(store, node, Readable.from([toGb18030(csv)]), {
    scope: { code: demoProvince, path: `000000/${demoProvince}/` },
    createdBy: 'demo',
    today: new Date(clock() + 8 * hour).toISOString().slice(0, 10),
    now: clock,
  })
  return added
}

/**
 * Registers four people of the union, each with a program: one makes, the others approve, as many
 * as the amount asks for.
 */
export async function seedDesks({ store, node }: Deployment, clock: Clock): Promise<DemoDesks> {
  const register = (name: string) =>
    store.transaction(async (tx) => {
      const now = clock()
      const key = newEs256Key()
      const owner = await createStaff(tx, { name, grants: [], now })
      const grants = [{ role: 'admin', orgCode: demoProvince }] as const
      const client = { ownerId: owner.id, name: `${name} desk`, grants, now, jwk: key.jwk }
      const { id } = await createClient(tx, node, client)
      return { name, clientId: id, key }
    })
  const maker = await register('maker')
  const approvers = [await register('approver'), await register('second'), await register('third')]
  return { maker, approvers }
}
