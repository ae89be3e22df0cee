import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

import fastifyStatic from '@fastify/static'

import type { App } from '../app.ts'

/** Where `npm run build` puts the pages. */
const built = fileURLToPath(new URL('../../../dist/web', import.meta.url))

/** What a page may do: load its own files, run the scanner's WebAssembly, see the camera. */
const policy = [
  "default-src 'self'",
  "style-src 'self'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "img-src 'self' data: blob:",
  "media-src 'self' blob:",
  "worker-src 'self'",
  "connect-src 'self'",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ')

/** Pages whose components write style rules of their own: under a nonce, new for each answer. */
const desks = ['admin', 'audit'] as const

const oneYear = 'public, max-age=31536000, immutable'

/**
 * The pages as static files: the member's at `/`, the merchant's at `/merchant/`, the public
 * check at `/verify/`. Nothing is served when they were not built: the API is whole without them.
 */
export async function pageRoutes(app: App): Promise<void> {
  if (!existsSync(built)) return
  // A link for the same device: the member's page goes on with it. What it asks stays in the
  // fragment, which no server sees.
  app.get('/present', { schema: { hide: true } }, async (request, reply) => {
    const query = new URL(request.url, 'http://here').search.slice(1)
    return reply.redirect(`/#/present/${encodeURIComponent(query)}`, 303)
  })
  for (const desk of desks) serveDesk(app, desk)
  await app.register(fastifyStatic, {
    root: built,
    schemaHide: true,
    cacheControl: false,
    redirect: true,
    setHeaders(reply, path) {
      reply.header('content-security-policy', policy)
      reply.header('permissions-policy', 'camera=(self), geolocation=(), microphone=()')
      // What is in `assets` has its hash in its name; everything else is asked for again.
      reply.header('cache-control', path.includes('/assets/') ? oneYear : 'no-cache')
    },
  })
}

function serveDesk(app: App, desk: (typeof desks)[number]): void {
  const html = readFileSync(`${built}/${desk}/index.html`, 'utf8')
  const place = '<meta name="style-nonce" content="'
  if (!html.includes(place)) throw new TypeError(`the page of ${desk} has no place for its nonce`)
  app.get(`/${desk}`, { schema: { hide: true } }, async (_request, reply) => {
    return reply.redirect(`/${desk}/`, 308)
  })
  app.get(`/${desk}/`, { schema: { hide: true } }, async (_request, reply) => {
    const nonce = randomBytes(16).toString('base64')
    reply.header(
      'content-security-policy',
      policy.replace("style-src 'self'", `style-src 'self' 'nonce-${nonce}'`),
    )
    reply.header('cache-control', 'no-store')
    return reply.type('text/html; charset=utf-8').send(html.replace(place, `${place}${nonce}`))
  })
}
