import { TextInput } from '@mantine/core'
import { useState } from 'react'
import { lastDay } from './days.ts'

/** How a field differs from plain text. */
interface Kind {
  readonly type?: 'text' | 'date'
  readonly pattern?: string
}

/**
 * The required text fields of one form: `given`, what stands in them; `field`, one of them; `change`,
 * to put something there.
 */
export function useFields<Name extends string>(blank: Readonly<Record<Name, string>>) {
  const [given, setGiven] = useState(blank)
  const change = (part: Partial<Record<Name, string>>) => setGiven({ ...given, ...part })
  const field = (name: Name, label: string, kind: Kind = {}) => (
    <TextInput
      required
      label={label}
      value={given[name]}
      onChange={({ currentTarget }) => setGiven({ ...given, [name]: currentTarget.value })}
      {...(kind.type === 'date' && { max: lastDay })}
      {...kind}
    />
  )
  return { given, field, change }
}
