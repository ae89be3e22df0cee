import { and, eq, gt, or, type SQL } from 'drizzle-orm'

import type { ThisNode } from '../keys/this-node.ts'
import type { Tx } from '../store/store.ts'
import { opened } from './idempotency.ts'

const page = 1000

/** Where a sweep over the stored answers stands. */
export interface AnswerKey {
  readonly principal: string
  readonly route: string
  readonly key: string
}

/**
 * Deletes, among the next thousand stored answers, those that were given to a member of `words` or
 * hold one of them: ids and numbers of somebody who was erased. Answers where to go on. Answers to
 * terminals name nobody but by a masked name, so a redemption's retry is still answered the same.
 */
export async function forgetAnswersNaming(
  tx: Tx,
  node: ThisNode,
  words: readonly string[],
  after?: AnswerKey,
): Promise<AnswerKey | undefined> {
  const { idempotency: t } = tx.tables
  const rows = await tx
    .select({ principal: t.principal, route: t.route, key: t.key, answer: t.answer })
    .from(t)
    .where(after && behind(tx, after))
    .orderBy(t.principal, t.route, t.key)
    .limit(page)
  for (const { principal, route, key, answer } of rows) {
    const body = answer === '' ? '' : opened(node, answer)
    const theirs = words.some((word) => principal === `member:${word}` || body.includes(word))
    if (!theirs) continue
    await tx.delete(t).where(and(eq(t.principal, principal), eq(t.route, route), eq(t.key, key)))
  }
  return rows.length < page ? undefined : rows.at(-1)
}

function behind({ tables: { idempotency: t } }: Tx, after: AnswerKey): SQL | undefined {
  const { principal, route, key } = after
  return or(
    gt(t.principal, principal),
    and(eq(t.principal, principal), gt(t.route, route)),
    and(eq(t.principal, principal), eq(t.route, route), gt(t.key, key)),
  )
}
