import reference from '@scalar/fastify-api-reference'

import { toBase64, utf8 } from '../../base/bytes.ts'
import { sha256 } from '../../base/sha256.ts'
import type { App } from '../app.ts'
import { problemsPage } from './problems-page.ts'

const nowhere = "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

/**
 * Pages for developers: the reference of the API, and every refusal. Nothing comes from elsewhere.
 */
export async function docsRoutes(app: App): Promise<void> {
  app.addHook('onSend', async (_request, reply, payload) => {
    const html = /^text\/html/.test(String(reply.getHeader('content-type')))
    if (html && typeof payload === 'string') {
      reply.header('content-security-policy', policyOf(payload))
    }
    return payload
  })
  getProblems(app)
  await app.register(reference, {
    routePrefix: '/docs',
    // It makes a URL of the Host header only to find its path: a malformed one must not end in 500.
    hooks: {
      onRequest: (request, _reply, done) => {
        request.headers.host = 'localhost'
        done()
      },
    },
    configuration: {
      url: '/openapi.json',
      pageTitle: 'Symbolon API',
      withDefaultFonts: false,
      telemetry: false,
      agent: { disabled: true },
      mcp: { disabled: true },
      showDeveloperTools: 'never',
      hideClientButton: true,
    },
  })
}

function getProblems(app: App): void {
  const page = problemsPage()
  app.get('/docs/problems', { schema: { hide: true } }, async (_request, reply) =>
    reply.type('text/html; charset=utf-8').send(page),
  )
}

/**
 * Allows a page its own inline scripts and styles by their digests, files and requests of this
 * origin, and nothing else. The reference makes style elements as it runs, so a page with scripts
 * may.
 */
function policyOf(html: string): string {
  const scripts = digests(html, /<script\b[^>]*>([^<]*(?:<(?!\/script>)[^<]*)*)<\/script>/g)
  const styles = digests(html, /<style\b[^>]*>([^<]*)<\/style>/g)
  if (scripts.length === 0) return `default-src 'none'; style-src ${styles.join(' ')}; ${nowhere}`
  const style = "style-src 'self' 'unsafe-inline'; font-src 'self' data:"
  const other = "img-src 'self' data: blob:; connect-src 'self'; worker-src 'self' blob:"
  const script = `script-src 'self' ${scripts.join(' ')}`
  return ["default-src 'none'", script, style, other, nowhere].join('; ')
}

function digests(html: string, element: RegExp): string[] {
  const inline = [...html.matchAll(element)].map(([, text = '']) => text)
  return inline
    .filter((text) => text !== '')
    .map((text) => `'sha256-${toBase64(sha256(utf8(text)))}'`)
}
