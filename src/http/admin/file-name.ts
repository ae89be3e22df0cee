import type { FastifyRequest } from 'fastify'

import { maskValue } from '../../identity/roster/faults.ts'

const extended = /^attachment;\s*filename\*=UTF-8''([A-Za-z0-9!#$&+.^_`|~%-]{1,765})$/i

/**
 * What the file of a request is called, by `Content-Disposition` (RFC 6266, 4.3: `filename*`
 * alone), with numbers of persons masked; `undefined` where it is not said, or not like this.
 */
export function fileNameOf({ headers }: Pick<FastifyRequest, 'headers'>): string | undefined {
  const said = extended.exec(headers['content-disposition'] ?? '')?.[1]
  if (said === undefined) return undefined
  try {
    return maskValue(undefined, decodeURIComponent(said)) || undefined
  } catch (error) {
    if (error instanceof URIError) return undefined
    throw error
  }
}
