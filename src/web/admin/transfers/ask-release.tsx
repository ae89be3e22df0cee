import { Button, Text } from '@mantine/core'

import { Refused } from '../../parts/ask.ts'
import { useLanguage } from '../../parts/language.tsx'
import { askDesk } from '../ask-desk.ts'
import { useWrite } from '../desk-api.ts'
import { Refusal } from '../parts/refusal.tsx'
import { words } from './words.ts'

/**
 * Shown where an application was refused because the applicant is a member of another union: asks
 * that union to let them go.
 */
export function AskRelease({
  application,
  error,
}: {
  readonly application: string
  readonly error: unknown
}) {
  const { say } = useLanguage()
  const asking = useWrite((_: undefined, key) =>
    askDesk('POST', '/admin/transfers', { application_id: application }, key),
  )
  if (!(error instanceof Refused) || error.code !== 'TRANSFER_NEEDED') return null
  if (asking.isSuccess) return <Text size="sm">{say(words.asked_release)}</Text>
  return (
    <>
      <Button variant="default" loading={asking.isPending} onClick={() => asking.mutate(undefined)}>
        {say(words.ask_release)}
      </Button>
      <Refusal error={asking.error} />
    </>
  )
}
