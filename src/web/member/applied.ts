import { forget, keepSealed, recallSealed } from '../parts/kept.ts'

const keptName = 'applied'

/** Whether this phone waits for a union's word on an application. */
export async function hasApplied(): Promise<boolean> {
  return (await recallSealed<boolean>(keptName)) ?? false
}

/** Remembers that this phone has applied, or that it no longer waits. */
export async function keepApplied(applied: boolean): Promise<void> {
  await (applied ? keepSealed(keptName, true) : forget(keptName))
}
