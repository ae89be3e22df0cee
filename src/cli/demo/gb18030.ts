/**
 * Writes text as a Chinese Excel saves it (GB18030, two octets a character). The table is read
 * backwards from the decoder, because there is no encoder in the platform. What is not in it
 * becomes a question mark.
 */
export function toGb18030(text: string): Uint8Array {
  const codes = table()
  const octets: number[] = []
  for (const character of text) {
    if (character < '\x80') octets.push(character.charCodeAt(0))
    else octets.push(...(codes.get(character) ?? [0x3f]))
  }
  return Uint8Array.from(octets)
}

let known: Map<string, readonly [number, number]> | undefined

function table(): Map<string, readonly [number, number]> {
  if (known) return known
  known = new Map()
  const decoder = new TextDecoder('gb18030')
  for (let a = 0x81; a <= 0xfe; a++) {
    for (let b = 0x40; b <= 0xfe; b++) {
      if (b === 0x7f) continue
      const character = decoder.decode(Uint8Array.of(a, b))
      if (character.length === 1 && !known.has(character)) known.set(character, [a, b])
    }
  }
  return known
}
