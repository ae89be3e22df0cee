import { Card, Stack, Text } from '@mantine/core'

import { useLanguage } from '../../parts/language.tsx'
import { PasskeyWord } from '../session/passkey-word.tsx'
import { usePermission } from '../session/session.ts'
import type { BatchRecord } from './batch-record.ts'
import { words } from './words.ts'

/** Another person's word on a batch: a passkey signs the digest that stands above. */
export function Decision({ batch }: { readonly batch: BatchRecord }) {
  const { say } = useLanguage()
  const may = usePermission()
  if (!may('batches.approve')) return null
  return (
    <Card withBorder>
      <Stack gap="sm">
        <Text>{say(words.approve_lead)}</Text>
        <PasskeyWord
          at={`/admin/batches/${batch.id}/decisions`}
          approve={words.approve}
          reject={words.reject}
        />
      </Stack>
    </Card>
  )
}
