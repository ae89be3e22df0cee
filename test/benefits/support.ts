import { createBenefit } from '../../src/benefits/benefits.ts'
import type { Definition } from '../../src/benefits/definition.ts'
import { changeBudget, createProgramme, type Programme } from '../../src/benefits/programmes.ts'
import { publishBenefit } from '../../src/benefits/publish.ts'
import type { Actor } from '../../src/benefits/scope.ts'
import { foundNode, readNode, type ThisNode } from '../../src/keys/this-node.ts'
import type { Store, Tx } from '../../src/store/store.ts'
import { type Engine, freshStore } from '../support/engines.ts'

/** Noon of 1 June 2025 in Shanghai. */
export const now = Date.parse('2025-06-01T04:00:00Z')
export const maker = actor('maker')

/** Staff of the whole node, or of the organisations at `orgPaths`. */
export function actor(personId: string, ...orgPaths: string[]): Actor {
  const paths = orgPaths.length > 0 ? orgPaths : ['000000/']
  return { principalId: `principal-${personId}`, personId, orgPaths: paths }
}

export interface World {
  readonly store: Store
  readonly node: ThisNode
}

/** A node with three organisations: 640000, and 640100 and 640300 below it; and 620000 beside. */
export async function freshWorld(engine: Engine): Promise<World> {
  const store = await freshStore(engine)
  const master = new Uint8Array(32).fill(1)
  await store.transaction(async (tx) => {
    await foundNode(tx, { number: 64, code: 'nx', nameZh: '宁夏' }, master, now)
    for (const [path, region] of [
      ['000000/', 0],
      ['000000/640000/', 640_000],
      ['000000/640000/640100/', 640_100],
      ['000000/640000/640300/', 640_300],
      ['000000/620000/', 620_000],
    ] as const) {
      const codes = path.split('/').slice(0, -1)
      await tx.insert(tx.tables.organisations).values({
        code: codes.at(-1)!,
        parentCode: codes.at(-2) ?? null,
        level: 'county',
        nameZh: path,
        path,
        region,
        createdAt: now,
      })
    }
  })
  return { store, node: await readNode(store, master) }
}

type Member = Partial<Tx['tables']['members']['$inferInsert']>

/** A courier of 640100, born in 1980, active, unless `facts` say otherwise. */
export async function addMember(tx: Tx, id: string, facts: Member = {}): Promise<void> {
  await tx.insert(tx.tables.persons).values({ id: `person-${id}`, createdAt: now })
  await tx.insert(tx.tables.members).values({
    ...{ id, bucket: 7, personId: `person-${id}`, memberNo: `6401-0000-${id}`, name: id },
    ...{ orgCode: '640100', standing: 'active', occupation: 'courier', gender: 'female' },
    ...{ birthDate: '1980-06-01', joinedOn: '2020-01-01', createdAt: now, updatedAt: now },
    ...facts,
  })
}

/** A coupon of CNY 10 for couriers, issued by batches. */
export function definition(changes: object = {}): Partial<Definition> {
  return {
    name: { zh: '洗车券', en: 'car wash' },
    description: { zh: '洗一次车', en: 'one car wash' },
    details: { kind: 'coupon', face_value: 1000, minimum_spend: 0 },
    amount: 1000,
    validity: { days_after_claim: 30 },
    supply: 'batch',
    criteria: { fact: 'occupation', op: 'eq', value: 'courier' },
    ...changes,
  } as Partial<Definition>
}

let programmes = 0

/** A programme of 640000 with `amount` fen. */
export async function funded(
  { store, node }: World,
  amount: number,
  orgCode = '640000',
): Promise<Programme> {
  return store.transaction(async (tx) => {
    const publicId = `programme-${++programmes}`
    const span = { periodFrom: now, periodTo: now + 1, timeZone: 'Asia/Shanghai' }
    const names = { nameZh: '项目', nameEn: 'programme', orgCode }
    const programme = await createProgramme(tx, { publicId, ...names, ...span }, maker, now)
    if (amount === 0) return programme
    const { id: programmeId, version: expectedVersion } = programme
    return changeBudget(tx, node, { programmeId, amount, expectedVersion }, maker, now)
  })
}

/** A published benefit of a programme; answers its id. */
export async function published(
  { store, node }: World,
  programmeId: string,
  changes: object = {},
): Promise<string> {
  return store.transaction(async (tx) => {
    const draft = await createBenefit(tx, programmeId, definition(changes), maker, now)
    return (await publishBenefit(tx, node, draft.benefitId, maker, now)).id
  })
}
