import { askMember } from '../parts/member-api.ts'

const lookEveryMs = 1500

/**
 * Waits for the counter's word on what is held at `path` (`/redemptions/{id}`): two minutes at the
 * most, then it has expired. `undefined` once the member has left. A lost answer is asked for again.
 */
export async function counterAnswer(
  path: string,
  left: AbortSignal,
): Promise<'accepted' | 'declined' | 'expired' | undefined> {
  while (!left.aborted) {
    const told = await askMember<{ state: 'waiting' | 'accepted' | 'declined' | 'expired' }>(
      'GET',
      `${path}/member-state`,
    ).catch(() => ({ state: 'waiting' as const }))
    if (left.aborted) break
    if (told.state !== 'waiting') return told.state
    await new Promise((resolve) => setTimeout(resolve, lookEveryMs))
  }
  return undefined
}
