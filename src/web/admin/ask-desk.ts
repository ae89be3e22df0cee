import { ask, randomId } from '../parts/ask.ts'

const api = '/api/v1'

/**
 * Asks the API with this browser's session cookie. A write is given its idempotency key by its
 * caller, so that it can be asked again. Throws Refused.
 */
export function askDesk<T>(
  method: 'GET' | 'POST' | 'PUT' | 'DELETE',
  path: string,
  body?: object,
  idempotencyKey: string = randomId(),
): Promise<T> {
  return ask<T>(`${api}${path}`, {
    method,
    headers: {
      ...(method !== 'GET' && { 'idempotency-key': idempotencyKey }),
      ...(body && { 'content-type': 'application/json' }),
    },
    ...(body && { body: JSON.stringify(body) }),
  })
}

/** Sends a file as the body, and what it is called in a header. Answers what the API says of it. Throws Refused. */
export function sendFile<T>(path: string, file: File): Promise<T> {
  return ask<T>(`${api}${path}`, {
    method: 'POST',
    headers: {
      'idempotency-key': randomId(),
      'content-type': 'application/octet-stream',
      'content-disposition': `attachment; filename*=UTF-8''${extValue(file.name)}`,
    },
    body: file,
  })
}

/** RFC 8187, 3.2.1: an apostrophe, brackets and a star are escaped too. */
function extValue(text: string): string {
  return encodeURIComponent(text).replace(/['()*]/g, (one) => {
    return `%${one.charCodeAt(0).toString(16).toUpperCase()}`
  })
}
