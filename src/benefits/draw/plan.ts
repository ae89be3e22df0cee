import { type Instant, second } from '../../base/clock.ts'
import { newId } from '../../base/id.ts'
import { Refusal } from '../../base/refusal.ts'
import type { Tx } from '../../store/store.ts'
import { type Definition, drawnBy } from '../definition.ts'

/**
 * Plans the draw of a benefit that is being published, if its stock is drawn. Refusal
 * VALIDATION_FAILED when nobody could enter any more.
 */
export async function planDraw(
  tx: Tx,
  given: { benefitId: string; version: number; definition: Definition; now: Instant },
): Promise<void> {
  const { benefitId, version, definition, now } = given
  const how = drawnBy(definition)
  if (!how) return
  const opensAt = how.opens === undefined ? now : Date.parse(how.opens)
  const closesAt = how.mode === 'lottery' ? Date.parse(how.closes) : opensAt + how.seconds * second
  if (closesAt <= now) {
    throw new Refusal('VALIDATION_FAILED', { issues: ['allocation: the draw would be over'] })
  }
  await tx.insert(tx.tables.draws).values({
    ...{ id: newId(now), benefitId, benefitVersion: version, mode: how.mode, state: 'planned' },
    ...{ opensAt, closesAt, units: definition.stock ?? 0 },
    ...{ cursor: 0, target: 0, round: 0, createdAt: now },
  })
}
