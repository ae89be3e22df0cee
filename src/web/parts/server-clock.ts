import type { Instant } from '../../base/clock.ts'

const name = 'clock offset' // in localStorage: it is nobody's secret
let offset = Number(localStorage.getItem(name)) || 0

/** The server's time as far as we know it: phones' clocks are wrong more often than servers'. */
export function now(): Instant {
  return Date.now() + offset
}

/** Learns the server's time from an answer that has just come. */
export function learnTime(serverTime: Instant): void {
  const learnt = serverTime - Date.now()
  // A second is what a slow network makes of a right clock.
  if (Math.abs(learnt - offset) < 1000) return
  offset = learnt
  localStorage.setItem(name, String(offset))
}
