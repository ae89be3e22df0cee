import { FormatError } from './error.ts'

export type Json = null | boolean | number | string | readonly Json[] | JsonObject

/** An object as it came out of `parseJson`: own members only, none of them `__proto__`. */
export type JsonObject = { readonly [name: string]: Json }

/** How deeply arrays and objects may be nested, everywhere. */
export const maxDepth = 16

const utf8Strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/**
 * Reads JSON (RFC 8259) from octets as strictly as I-JSON (RFC 7493): UTF-8 without a mark, member
 * names unique and none of them `__proto__`, strings without lone surrogates, numbers finite, at
 * most 16 levels. The caller bounds the length. Throws FormatError JSON_MALFORMED,
 * JSON_DUPLICATE_MEMBER or JSON_TOO_DEEP.
 */
export function parseJson(bytes: Uint8Array): Json {
  let text: string
  let value: Json
  try {
    text = utf8Strict.decode(bytes)
    value = JSON.parse(text) as Json
  } catch {
    throw new FormatError('JSON_MALFORMED', 'text is not JSON in UTF-8')
  }
  const members = check(value, 0)
  if (text.includes('\\')) refuseDuplicates(text)
  else if (members !== colonsIn(text)) throw duplicate()
  return value
}

/** As `parseJson`, and the value must be an object: FormatError JSON_MALFORMED otherwise. */
export function parseJsonObject(bytes: Uint8Array): JsonObject {
  const value = parseJson(bytes)
  if (!isObject(value)) throw new FormatError('JSON_MALFORMED', 'JSON is not an object')
  return value
}

/** True for an object that is no array. */
export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** True for an array. (`Array.isArray` does not see readonly ones.) */
export function isArray(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value)
}

/** The member of that name, own members only. */
export function member(object: JsonObject, name: string): Json | undefined {
  return Object.hasOwn(object, name) ? object[name] : undefined
}

/** Answers how many members there are, at every depth. */
function check(value: Json, depth: number): number {
  if (typeof value === 'string' && !value.isWellFormed()) {
    throw new FormatError('JSON_MALFORMED', 'string has a lone surrogate')
  }
  if (typeof value === 'number' && !Number.isFinite(value)) {
    throw new FormatError('JSON_MALFORMED', 'number is out of range')
  }
  if (typeof value !== 'object' || value === null) return 0
  if (depth === maxDepth) throw new FormatError('JSON_TOO_DEEP', 'JSON is nested too deeply')
  if (Object.hasOwn(value, '__proto__') || Object.keys(value).some((n) => !n.isWellFormed())) {
    throw new FormatError('JSON_MALFORMED', 'member has a name that is not allowed')
  }
  const each = Object.values(value) as readonly Json[]
  const own = Array.isArray(value) ? 0 : each.length
  return each.reduce<number>((sum, one) => sum + check(one, depth + 1), own)
}

const [quote, colon] = [0x22, 0x3a]

/**
 * How many members were written in text that is known to be JSON and has no escapes: a colon
 * outside of strings is one each. Of those that were written twice, reading has kept one.
 */
function colonsIn(text: string): number {
  let colons = 0
  let inString = false
  for (let i = 0; i < text.length; i++) {
    const letter = text.charCodeAt(i)
    if (letter === quote) inString = !inString
    else if (!inString && letter === colon) colons++
  }
  return colons
}

/**
 * The slow way, for text with escapes. Reads the names itself: V8 13.6 may take an escaped name for
 * another that it has met in objects of the same shape.
 */
function refuseDuplicates(text: string): void {
  const open: (Set<string> | undefined)[] = []
  let before = ''
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*"|[{}[\],:]/g)) {
    const names = open.at(-1)
    if (token === '{') open.push(new Set())
    else if (token === '[') open.push(undefined)
    else if (token === '}' || token === ']') open.pop()
    else if (token.startsWith('"') && names !== undefined && before !== ':') {
      const name = token.includes('\\') ? String(JSON.parse(token)) : token.slice(1, -1)
      if (names.has(name)) throw duplicate()
      names.add(name)
    }
    before = token
  }
}

function duplicate(): FormatError {
  return new FormatError('JSON_DUPLICATE_MEMBER', 'member is there twice')
}
