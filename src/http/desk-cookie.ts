import type { FastifyReply, FastifyRequest } from 'fastify'

/**
 * Carries the session of one of the union's staff. `__Host-`: set by this host alone, over TLS, for
 * all of it (RFC 6265bis section 4.1.3.2). Browsers count http://localhost as safe.
 */
const name = '__Host-symbolon-desk'
const attributes = 'Path=/; Secure; HttpOnly; SameSite=Strict'

/** The session token that a request brings. */
export function deskToken({ headers }: FastifyRequest): string | undefined {
  const pairs = (headers.cookie ?? '').split(/; */)
  const own = pairs.find((pair) => pair.startsWith(`${name}=`))
  const token = own?.slice(name.length + 1) ?? ''
  return /^[A-Za-z0-9_-]{43}$/.test(token) ? token : undefined
}

/** Gives a browser its session; it forgets it when it is closed. */
export function setDeskCookie(reply: FastifyReply, token: string): void {
  reply.header('set-cookie', `${name}=${token}; ${attributes}`)
}

/** Takes it away. */
export function clearDeskCookie(reply: FastifyReply): void {
  reply.header('set-cookie', `${name}=; ${attributes}; Max-Age=0`)
}

/**
 * Whether a request comes from a page of our own: every browser says where a write comes from, and
 * newer ones for all requests whether it is the same site's.
 */
export function fromOwnPage({ headers }: FastifyRequest, publicUrl: string): boolean {
  const { origin } = new URL(publicUrl)
  const site = headers['sec-fetch-site']
  return headers.origin === origin && (site === undefined || site === 'same-origin')
}
