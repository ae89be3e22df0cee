/*
 * What our own code and the formats use, and a WebView of the class of Chrome 87 has not. The
 * syntax is the bundler's care.
 */

function provide(place: object, name: string, value: (...given: never[]) => unknown): void {
  if (name in place) return
  Object.defineProperty(place, name, { value, writable: true, configurable: true })
}

provide(Object, 'hasOwn', (object: object, name: PropertyKey) => Object.hasOwn(object, name))
provide(URL, 'parse', (text: string) => {
  try {
    return new URL(text)
  } catch {
    return null
  }
})
provide(Array.prototype, 'at', function (this: unknown[], index: number) {
  return this[index < 0 ? this.length + index : index]
})
provide(
  Array.prototype,
  'toSorted',
  function (this: unknown[], order?: (a: unknown, b: unknown) => number) {
    return [...this].sort(order)
  },
)
provide(String.prototype, 'isWellFormed', function (this: string) {
  return !/\p{Surrogate}/u.test(this)
})
