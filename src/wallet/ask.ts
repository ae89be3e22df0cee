import { utf8 } from '../base/bytes.ts'
import { FormatError } from '../formats/error.ts'
import { type JsonObject, member, parseJsonObject } from '../formats/json.ts'
import { WalletError, type WalletErrorCode } from './error.ts'

/** The most octets of an answer that a wallet reads. */
const maxOctets = 1_048_576

/** The text of an answer, no more than 1 MiB of it. FormatError TOO_LARGE. */
export async function readText(answer: Response): Promise<string> {
  const reader = answer.body?.getReader()
  if (!reader) return ''
  const decoder = new TextDecoder()
  let text = ''
  for (let octets = 0; ; ) {
    const { done, value } = await reader.read()
    if (done) return text + decoder.decode()
    octets += value.length
    if (octets > maxOctets) {
      await reader.cancel()
      throw new FormatError('TOO_LARGE', 'answer is too long')
    }
    text += decoder.decode(value, { stream: true })
  }
}

/** The JSON object of an answer. FormatError TOO_LARGE or JSON_*. */
export async function readObject(answer: Response): Promise<JsonObject> {
  return parseJsonObject(utf8(await readText(answer)))
}

/** What the other side says of its refusal, if it says so in JSON: a code. */
export function reasonIn(body: string): string | undefined {
  try {
    return reasonOf(parseJsonObject(utf8(body)))
  } catch {
    return undefined
  }
}

/** `error_description` where it is a code of ours, else `error` (RFC 6749 section 5.2). */
export function reasonOf(body: JsonObject): string | undefined {
  const described = member(body, 'error_description')
  if (typeof described === 'string' && /^[A-Z0-9_]{3,64}$/.test(described)) return described
  const error = member(body, 'error')
  return typeof error === 'string' ? error : undefined
}

/** A text of an answer. WalletError of the given code. */
export function textOf(body: JsonObject, name: string, code: WalletErrorCode): string {
  const value = member(body, name)
  if (typeof value === 'string' && value !== '') return value
  throw new WalletError(code, `${name} is missing`)
}
