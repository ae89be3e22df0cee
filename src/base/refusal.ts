import type { RefusalCode } from './refusal-codes.ts'

/** What a refusal may tell the caller besides its code. Never personal data, never a secret. */
export type RefusalDetail = Readonly<Record<string, string | number | boolean | readonly string[]>>

/**
 * An expected no: the domain decided against the request and lost nothing.
 *
 * `code` is closed (see `refusal-codes.ts`); status and public words are found by it in one place.
 * `detail` are members of the answer, for programs. The message is for logs: code and names only.
 */
export class Refusal extends Error {
  readonly code: RefusalCode
  readonly detail: RefusalDetail
  constructor(code: RefusalCode, detail: RefusalDetail = {}) {
    super(code.toLowerCase().replaceAll('_', ' '))
    this.name = 'Refusal'
    this.code = code
    this.detail = detail
  }
}

/** Trouble outside this process: network, disk, a peer. Repeating may help, where it is safe. */
export class Weather extends Error {
  constructor(message: string, cause: unknown) {
    super(message, { cause })
    this.name = 'Weather'
  }
}
