import { maskValue } from './roster/faults.ts'

/**
 * A name as a third party may see it: the family name and two asterisks, 张** or 欧阳** (known
 * surnames of two characters count as one). '' stays ''.
 */
export function maskedName(name: string): string {
  return maskValue('name', name)
}
