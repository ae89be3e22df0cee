import { Button, Group, Text, TextInput } from '@mantine/core'
import { type FormEvent, useState } from 'react'
import { useLocation, useParams } from 'wouter'

import { useLanguage } from '../../parts/language.tsx'
import { Screen } from '../parts/screen.tsx'
import { words as common } from '../words.ts'
import { VoucherDetail } from './voucher.tsx'
import { words } from './words.ts'

/** One voucher, found by its id: from offer to settlement. */
export default function Vouchers() {
  const { say } = useLanguage()
  const { id } = useParams<{ id?: string }>()
  const [, go] = useLocation()
  const [typed, type] = useState(id ?? '')
  const find = (event: FormEvent) => {
    event.preventDefault()
    go(`/vouchers/${typed}`)
  }
  return (
    <Screen title={say(common.vouchers)}>
      <Text>{say(words.find_lead)}</Text>
      <Group component="form" align="end" onSubmit={find}>
        <TextInput
          required
          flex={1}
          label={say(words.find)}
          value={typed}
          pattern="[0-9a-f]{32}"
          onChange={({ currentTarget }) => type(currentTarget.value.trim())}
        />
        <Button type="submit">{say(words.find_do)}</Button>
      </Group>
      {id && <VoucherDetail id={id} key={id} />}
    </Screen>
  )
}
