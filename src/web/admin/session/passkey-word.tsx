import { Alert, Button, Group } from '@mantine/core'

import { useLanguage, type Words } from '../../parts/language.tsx'
import { askDesk } from '../ask-desk.ts'
import { useWrite } from '../desk-api.ts'
import { Refusal } from '../parts/refusal.tsx'
import { signChallenge, wasDismissed } from './passkey.ts'
import { words } from './words.ts'

/**
 * Another person's word, for or against, signed by their passkey: the statement that the API gives
 * out below `at` goes back to it with the signature.
 */
export function PasskeyWord({
  at,
  approve,
  reject,
}: {
  /** The path of the decisions. */
  readonly at: string
  readonly approve: Words
  readonly reject: Words
}) {
  const { say } = useLanguage()
  const deciding = useWrite(async (decision: 'approve' | 'reject', key) => {
    const asked = await askDesk<{ statement: string; options: object }>('POST', `${at}/options`, {
      decision,
    })
    const passkey = await signChallenge(asked.options)
    return askDesk('POST', at, { statement: asked.statement, passkey }, key)
  })
  return (
    <>
      <Group gap="xs">
        <Button loading={deciding.isPending} onClick={() => deciding.mutate('approve')}>
          {say(approve)}
        </Button>
        <Button
          variant="default"
          disabled={deciding.isPending}
          onClick={() => deciding.mutate('reject')}
        >
          {say(reject)}
        </Button>
      </Group>
      {wasDismissed(deciding.error) ? (
        <Alert role="alert">{say(words.dismissed)}</Alert>
      ) : (
        <Refusal error={deciding.error} />
      )}
    </>
  )
}
