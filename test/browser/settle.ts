import { renameSync, rmSync } from 'node:fs'

/** Puts a finished folder in its place, unless another process was faster. */
export function settle(making: string, place: string): void {
  try {
    renameSync(making, place)
  } catch {
    rmSync(making, { recursive: true, force: true })
  }
}
