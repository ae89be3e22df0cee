import { isIP } from 'node:net'

import { Refusal } from '../../base/refusal.ts'

/**
 * Refuses an address that we would rather not ask: without TLS, with a password in it, or on our
 * own side of the wall. In development a plain one on this machine will do. What a name leads to is
 * looked at again when it is asked. Refusal VALIDATION_FAILED.
 */
export function requireReachable(
  address: string,
  { development }: { readonly development: boolean },
): void {
  const { protocol, hostname, username, password } = new URL(address)
  const host = hostname.replace(/^\[(.*)\]$/, '$1')
  if (development && isLocal(host)) return
  const named = protocol === 'https:' && !isLocal(host) && (isIP(host) === 0 || isPublic(host))
  if (named && username === '' && password === '') return
  throw new Refusal('VALIDATION_FAILED', { issues: ['address: not a public https one'] })
}

/** True for an address that anybody in the world can mean (RFC 6890), as far as it is unicast. */
export function isPublic(ip: string): boolean {
  if (isIP(ip) === 4) {
    const [a = 0, b = 0] = ip.split('.').map(Number)
    const closed = a === 0 || a === 10 || a === 127 || a >= 224
    const shared = a === 100 && b >= 64 && b <= 127
    const local = (a === 169 && b === 254) || (a === 172 && b >= 16 && b <= 31)
    return !(closed || shared || local || (a === 192 && (b === 168 || b === 0)))
  }
  // Global unicast is 2000::/3 (RFC 4291); what embeds a version 4 address is not wanted.
  return /^[23]/.test(ip) && !/^2002:|^2001:0{0,4}:|^2001::/i.test(ip)
}

function isLocal(host: string): boolean {
  return host === 'localhost' || host.endsWith('.localhost') || host === '127.0.0.1'
}
