import type { Context } from './context.ts'

/**
 * True when the node's address is one that credentials may name: https, or plain http on this
 * machine in development. At another address there is no issuer.
 */
export function namesSecurely({
  publicUrl,
  development,
}: Pick<Context, 'publicUrl' | 'development'>): boolean {
  const { protocol, hostname } = new URL(publicUrl)
  if (protocol === 'https:') return true
  return development && ['localhost', '127.0.0.1', '[::1]'].includes(hostname)
}
