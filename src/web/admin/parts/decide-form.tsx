import { Button, Group, NativeSelect, TextInput } from '@mantine/core'
import { type FormEvent, useState } from 'react'

import { Refusal } from './refusal.tsx'

/** Chooses one of several decisions; those in `reasoned` say why to whom they are about. */
export function DecideForm<Choice extends string>({
  name,
  asks,
  choices,
  reasoned,
  busy,
  error,
  decide,
}: {
  /** What the button and the list of choices are called. */
  readonly name: string
  /** What the field of the reason is called. */
  readonly asks: string
  readonly choices: readonly { readonly value: Choice; readonly label: string }[]
  readonly reasoned: (choice: Choice) => boolean
  readonly busy: boolean
  readonly error: unknown
  /** The reason is empty where none is asked for. */
  readonly decide: (choice: Choice, reason: string) => void
}) {
  const [wanted, choose] = useState<Choice>()
  // What was decided before may be no choice any more: what is sent is what is shown.
  const { value: chosen } = choices.find(({ value }) => value === wanted) ?? choices[0] ?? {}
  const [reason, setReason] = useState('')
  if (chosen === undefined) return null
  const send = (event: FormEvent) => {
    event.preventDefault()
    decide(chosen, reasoned(chosen) ? reason : '')
  }
  return (
    <Group component="form" gap="xs" onSubmit={send}>
      <NativeSelect
        aria-label={name}
        value={chosen}
        onChange={({ currentTarget }) => choose(currentTarget.value as Choice)}
        data={[...choices]}
      />
      {reasoned(chosen) && (
        <TextInput
          required
          aria-label={asks}
          placeholder={asks}
          value={reason}
          maxLength={200}
          onChange={({ currentTarget }) => setReason(currentTarget.value)}
        />
      )}
      <Button type="submit" size="compact-md" loading={busy}>
        {name}
      </Button>
      <Refusal error={error} />
    </Group>
  )
}
