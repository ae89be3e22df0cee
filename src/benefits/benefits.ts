import { and, asc, desc, eq, inArray, isNull } from 'drizzle-orm'

import type { Instant } from '../base/clock.ts'
import { newId } from '../base/id.ts'
import { Refusal } from '../base/refusal.ts'
import type { benefitStates } from '../store/schema/benefits.ts'
import type { Tables } from '../store/schema/tables.ts'
import type { Reader, Tx } from '../store/store.ts'
import type { Criteria } from './criteria/criteria.ts'
import { requireNamed } from './criteria/named.ts'
import { checkDefinition, type Definition, sealDefinition } from './definition.ts'
import { behind, type Page } from './page.ts'
import { inScope, readProgramme } from './programmes.ts'
import { type Actor, requireSight } from './scope.ts'
import { requireOrganisations } from './sub-quotas.ts'

export type Benefit = Tables['benefits']['$inferSelect']
export type BenefitState = (typeof benefitStates)[number]

/** Every path begins so. */
const everywhere = ['']

export interface Draft {
  readonly benefitId: string
  readonly version: number
  readonly definition: Definition
  readonly digest: Uint8Array
}

/**
 * Creates a benefit in a programme, as draft version 1. `definition` is untrusted JSON. Refusals:
 * VALIDATION_FAILED, CRITERIA_INVALID, NOT_FOUND (the programme).
 */
export async function createBenefit(
  tx: Tx,
  programmeId: string,
  definition: unknown,
  actor: Actor,
  now: Instant,
): Promise<Draft> {
  const { orgCode } = await readProgramme(tx, programmeId)
  await requireSight(tx, actor.orgPaths, { orgCode, what: 'programme' })
  const checked = await check(tx, definition, actor)
  const benefitId = newId(now)
  await tx.insert(tx.tables.benefits).values({
    id: benefitId,
    programmeId,
    kind: checked.details.kind,
    state: 'draft',
    version: 0,
    createdAt: now,
  })
  return write(tx, benefitId, 1, checked, actor)
}

/**
 * Replaces the draft of a benefit; after publication, begins the next version. Refusals: as
 * `createBenefit`; BENEFIT_STATE once stopped; VALIDATION_FAILED when the kind changes, or, of a
 * benefit that was published, its supply, and with open stock the units, amount or uses.
 */
export async function editBenefit(
  tx: Tx,
  benefitId: string,
  definition: unknown,
  actor: Actor,
): Promise<Draft> {
  const benefit = await requireBenefit(tx, benefitId, actor)
  if (benefit.state === 'stopped') throw stateRefusal(benefit)
  const [before] = await versionsOf(tx, benefitId)
  const checked = await check(tx, definition, actor, before?.definition.criteria)
  await requireSameGround(tx, benefit, checked)
  const draft = await openDraft(tx, benefitId)
  return write(tx, benefitId, draft ?? benefit.version + 1, checked, actor)
}

/** A benefit of a programme that the actor's scope covers. Refusal NOT_FOUND. */
export async function requireBenefit(
  reader: Reader,
  benefitId: string,
  actor: Actor,
): Promise<Benefit> {
  const benefit = await readBenefit(reader, benefitId)
  const { orgCode } = await readProgramme(reader, benefit.programmeId)
  await requireSight(reader, actor.orgPaths, { orgCode, what: 'benefit' })
  return benefit
}

/** Refusal NOT_FOUND when there is no such benefit. */
export async function readBenefit(reader: Reader, benefitId: string): Promise<Benefit> {
  const { benefits } = reader.tables
  const [row] = await reader.select().from(benefits).where(eq(benefits.id, benefitId))
  if (!row) throw new Refusal('NOT_FOUND', { what: 'benefit' })
  return row
}

export interface WrittenVersion extends Draft {
  readonly publishedAt: Instant | undefined
}

/** Every version of a benefit, the latest first, drafts included. */
export async function versionsOf(reader: Reader, benefitId: string): Promise<WrittenVersion[]> {
  const { benefitVersions } = reader.tables
  const rows = await reader
    .select()
    .from(benefitVersions)
    .where(eq(benefitVersions.benefitId, benefitId))
    .orderBy(desc(benefitVersions.version))
  return rows.map(({ version, definition, digest, publishedAt }) => ({
    benefitId,
    version,
    definition: JSON.parse(definition) as Definition,
    digest,
    publishedAt: publishedAt ?? undefined,
  }))
}

/** Benefits in the order of their ids, those of programmes at or below one of `orgPaths`. */
export async function listBenefits(
  reader: Reader,
  orgPaths: readonly string[],
  page: Page & { readonly programmeId?: string; readonly states?: readonly BenefitState[] },
): Promise<Benefit[]> {
  const { benefits, programmes } = reader.tables
  const { programmeId, states } = page
  const rows = await reader
    .select({ benefit: benefits })
    .from(benefits)
    .innerJoin(programmes, eq(programmes.id, benefits.programmeId))
    .where(
      and(
        inScope(reader, orgPaths),
        behind(benefits.id, page),
        programmeId === undefined ? undefined : eq(benefits.programmeId, programmeId),
        states === undefined ? undefined : inArray(benefits.state, [...states]),
      ),
    )
    .orderBy(asc(benefits.id))
    .limit(page.limit)
  return rows.map((row) => row.benefit)
}

/** What benefits are called in their latest version, drafts included. */
export async function benefitNames(
  reader: Reader,
  benefitIds: readonly string[],
): Promise<ReadonlyMap<string, Definition['name']>> {
  const { benefitVersions: v } = reader.tables
  if (benefitIds.length === 0) return new Map()
  const rows = await reader
    .select({ id: v.benefitId, definition: v.definition })
    .from(v)
    .where(inArray(v.benefitId, [...benefitIds]))
    .orderBy(asc(v.version))
  return new Map(
    rows.map(({ id, definition }) => [id, (JSON.parse(definition) as Definition).name]),
  )
}

/** Refusal BENEFIT_STATE {state}, for an act that the benefit's state does not allow. */
export function stateRefusal({ state }: Pick<Benefit, 'state'>): Refusal {
  return new Refusal('BENEFIT_STATE', { state })
}

/** The number of the version that is not published yet. */
export async function openDraft(tx: Tx, benefitId: string): Promise<number | undefined> {
  const { benefitVersions } = tx.tables
  const [row] = await tx
    .select({ version: benefitVersions.version })
    .from(benefitVersions)
    .where(and(eq(benefitVersions.benefitId, benefitId), isNull(benefitVersions.publishedAt)))
    .orderBy(desc(benefitVersions.version))
    .limit(1)
  return row?.version
}

/** A rule that stays as it was `before` may go on naming what the actor does not reach. */
async function check(
  tx: Tx,
  value: unknown,
  { orgPaths }: Actor,
  before?: unknown,
): Promise<Definition> {
  const definition = checkDefinition(value)
  const same = JSON.stringify(definition.criteria) === JSON.stringify(before)
  await requireNamed(tx, definition.criteria as Criteria, same ? everywhere : orgPaths)
  await requireOrganisations(tx, definition.sub_quotas)
  return definition
}

/** What was opened with the first publication is not moved by a later version. */
async function requireSameGround(tx: Tx, benefit: Benefit, next: Definition): Promise<void> {
  const issues = next.details.kind === benefit.kind ? [] : ['details.kind: cannot change']
  const inForce = (await versionsOf(tx, benefit.id)).find((one) => one.version === benefit.version)
  const now = inForce?.definition
  if (now && now.supply !== next.supply) issues.push('supply: cannot change')
  if (now?.supply === 'stock') {
    for (const key of ['stock', 'amount', 'uses'] as const) {
      if (now[key] !== next[key]) issues.push(`${key}: cannot change once the stock is open`)
    }
    if (JSON.stringify(now.allocation) !== JSON.stringify(next.allocation)) {
      issues.push('allocation: cannot change once the stock is open')
    }
  }
  if (issues.length > 0) throw new Refusal('VALIDATION_FAILED', { issues })
}

/** Writes a draft, over the draft of that number if there is one; never over what is published. */
async function write(
  tx: Tx,
  benefitId: string,
  version: number,
  definition: Definition,
  actor: Actor,
): Promise<Draft> {
  const { benefitVersions } = tx.tables
  const { text, digest } = sealDefinition(definition)
  const content = { definition: text, digest, editedBy: actor.personId }
  const [written] = await tx
    .insert(benefitVersions)
    .values({ benefitId, version, ...content })
    .onConflictDoUpdate({
      target: [benefitVersions.benefitId, benefitVersions.version],
      set: content,
      setWhere: isNull(benefitVersions.publishedAt),
    })
    .returning({ version: benefitVersions.version })
  if (!written) throw new Refusal('VERSION_CONFLICT', { version })
  return { benefitId, version, definition, digest }
}
