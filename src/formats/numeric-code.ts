/** Digits of a numeric code, the check digit included. */
export const numericCodeLength = 12

/**
 * Twelve digits for speaking and typing: eleven from `random` and a check digit of ISO/IEC 7064
 * MOD 11,10, which finds every single wrong digit and nearly every swap. `random` gives octets.
 */
export function makeNumericCode(random: (size: number) => Uint8Array): string {
  let digits = ''
  while (digits.length < numericCodeLength - 1) {
    const octet = random(1)[0] ?? 255
    if (octet < 250) digits += String(octet % 10) // 250 is the last multiple of ten
  }
  return digits + checkDigit(digits)
}

/** The twelve digits of what was typed (spaces and hyphens allowed), or `undefined`. */
export function readNumericCode(typed: string): string | undefined {
  const digits = typed.replaceAll(/[ -]/g, '')
  if (!/^[0-9]{12}$/.test(digits)) return undefined
  return checkDigit(digits.slice(0, -1)) === digits.slice(-1) ? digits : undefined
}

function checkDigit(digits: string): string {
  let product = 10
  for (const digit of digits) {
    const sum = (product + Number(digit)) % 10
    product = ((sum === 0 ? 10 : sum) * 2) % 11
  }
  return String((11 - product) % 10)
}
