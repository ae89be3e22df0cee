import { TextInput } from '@mantine/core'
import { organisationCode } from '../../../formats/organisation-code.ts'

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
      pattern={organisationCode.source}
      onChange={({ currentTarget }) => change(currentTarget.value.trim())}
    />
  )
}
