import { TextInput } from '@mantine/core'

import { useLanguage } from '../../parts/language.tsx'
import { words } from '../words.ts'

/** A field for an organisation's code. */
export function OrgCode({
  label,
  value,
  change,
}: {
  /** When there is more to say than that it is an organisation's code. */
  readonly label?: string
  readonly value: string
  readonly change: (code: string) => void
}) {
  const { say } = useLanguage()
  return (
    <TextInput
      required
      flex={1}
      label={label ?? say(words.organisation_code)}
      value={value}
      inputMode="numeric"
      pattern="[0-9]{6,12}"
      onChange={({ currentTarget }) => change(currentTarget.value.trim())}
    />
  )
}
