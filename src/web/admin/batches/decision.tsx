import { Alert, Button, Card, Group, Stack, Text } from '@mantine/core'

import { useLanguage } from '../../parts/language.tsx'
import { askDesk } from '../ask-desk.ts'
import { useWrite } from '../desk-api.ts'
import { Refusal } from '../parts/refusal.tsx'
import { signChallenge, wasDismissed } from '../session/passkey.ts'
import { usePermission } from '../session/session.ts'
import { words as door } from '../session/words.ts'
import type { BatchRecord } from './batch-record.ts'
import { words } from './words.ts'

type Word = 'approve' | 'reject'

/** Another person's word on a batch: a passkey signs the digest that stands above. */
export function Decision({ batch }: { readonly batch: BatchRecord }) {
  const { say } = useLanguage()
  const may = usePermission()
  const at = `/admin/batches/${batch.id}/decisions`
  const deciding = useWrite(async (decision: Word, key) => {
    const asked = await askDesk<{ statement: string; options: object }>('POST', `${at}/options`, {
      decision,
    })
    const passkey = await signChallenge(asked.options)
    return askDesk('POST', at, { statement: asked.statement, passkey }, key)
  })
  if (!may('batches.approve')) return null
  return (
    <Card withBorder>
      <Stack gap="sm">
        <Text>{say(words.approve_lead)}</Text>
        <Group gap="xs">
          <Button loading={deciding.isPending} onClick={() => deciding.mutate('approve')}>
            {say(words.approve)}
          </Button>
          <Button
            variant="default"
            disabled={deciding.isPending}
            onClick={() => deciding.mutate('reject')}
          >
            {say(words.reject)}
          </Button>
        </Group>
        {wasDismissed(deciding.error) ? (
          <Alert role="alert">{say(door.dismissed)}</Alert>
        ) : (
          <Refusal error={deciding.error} />
        )}
      </Stack>
    </Card>
  )
}
