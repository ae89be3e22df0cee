import fc from 'fast-check'

/** As much of JSON Schema as the API document uses. */
export interface JsonSchema {
  readonly type?: string
  readonly const?: unknown
  readonly enum?: readonly unknown[]
  readonly pattern?: string
  readonly minLength?: number
  readonly maxLength?: number
  readonly minimum?: number
  readonly maximum?: number
  readonly properties?: Record<string, JsonSchema>
  readonly required?: readonly string[]
  readonly items?: JsonSchema
  readonly minItems?: number
  readonly anyOf?: readonly JsonSchema[]
  readonly oneOf?: readonly JsonSchema[]
}

/** Values that keep a schema; texts come from `texts` where their pattern lets them. */
export function keeping(schema: JsonSchema, texts: readonly string[]): fc.Arbitrary<unknown> {
  const choices = schema.anyOf ?? schema.oneOf
  if (choices) return fc.oneof(...choices.map((one) => keeping(one, texts)))
  if (schema.const !== undefined) return fc.constant(schema.const)
  if (schema.enum) return fc.constantFrom(...schema.enum)
  switch (schema.type) {
    case 'string':
      return textKeeping(schema, texts)
    case 'integer':
    case 'number': {
      const { minimum = 0, maximum = 1000 } = schema
      return fc.integer({ min: Math.max(minimum, -1e9), max: Math.min(maximum, 1e9) })
    }
    case 'boolean':
      return fc.boolean()
    case 'array': {
      const { items = {}, minItems = 0 } = schema
      return fc.array(keeping(items, texts), { minLength: minItems, maxLength: minItems + 2 })
    }
    case 'object': {
      const { properties = {}, required = [] } = schema
      const fields = Object.entries(properties).map(
        ([name, one]) => [name, keeping(one, texts)] as const,
      )
      return fc.record(Object.fromEntries(fields), { requiredKeys: [...required] })
    }
    default:
      return fc.oneof(fc.jsonValue(), fc.constantFrom(...criteria))
  }
}

const criteria = [
  { fact: 'occupation', op: 'eq', value: 'courier' },
  { all: [] },
  { not: { fact: 'age', op: 'between', value: [1, 2] } },
]

function textKeeping(schema: JsonSchema, texts: readonly string[]): fc.Arbitrary<string> {
  const { pattern, minLength = 1, maxLength = 40 } = schema
  const fits = (text: string) =>
    text.length >= minLength &&
    text.length <= maxLength &&
    (!pattern || new RegExp(pattern, 'u').test(text))
  const known = texts.filter(fits)
  const letters = fc.string({
    unit: 'grapheme',
    minLength,
    maxLength: Math.max(minLength, Math.min(maxLength, 40)),
  })
  // Patterns that name a property of Unicode only keep control characters out: as `letters` does.
  const plain = !pattern || pattern.includes('\\p')
  const made = plain ? letters : fc.stringMatching(new RegExp(pattern))
  return known.length > 0 ? fc.oneof(fc.constantFrom(...known), made) : made
}

/** The same value with something wrong in it, or something else altogether. */
export function broken(value: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  const odd = fc.constantFrom<unknown>(
    ...[null, '', '\u0000', 'a'.repeat(5000), -1, 1.5, 1e308, 2 ** 53, true, [], {}, [[[[]]]]],
    ...['__proto__', { __proto__: 1 }, '\ud800', '＇; drop table', "' or 1=1 --", '%00', '../..'],
  )
  const spoilt = fc.tuple(value, fc.nat(), odd).map(([given, at, wrong]) => {
    if (typeof given !== 'object' || given === null) return wrong
    const names = Object.keys(given)
    const name = names[at % (names.length + 1)] ?? 'surplus'
    return { ...given, [name]: wrong }
  })
  return fc.oneof(value, spoilt, odd, fc.jsonValue({ maxDepth: 3 }))
}
