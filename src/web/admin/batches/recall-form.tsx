import { Button, Card, Checkbox, Group, Stack, Text, Textarea, TextInput } from '@mantine/core'
import { type FormEvent, useState } from 'react'
import { organisationCode } from '../../../formats/organisation-code.ts'

import { useLanguage } from '../../parts/language.tsx'
import { askDesk } from '../ask-desk.ts'
import { useWrite } from '../desk-api.ts'
import { voucherStateNames } from '../members/words.ts'
import { Refusal } from '../parts/refusal.tsx'
import { usePermission } from '../session/session.ts'
import { words as common, word } from '../words.ts'
import type { BatchRecord } from './batch-record.ts'
import { ListFile } from './list-file.tsx'
import type { RecallRecord } from './recall-record.ts'
import { words } from './words.ts'

const states = ['offered', 'active', 'suspended']

/** Chooses what to take back: by organisation, member numbers or a file, and state. */
export function RecallForm({ batch }: { readonly batch: BatchRecord }) {
  const { say } = useLanguage()
  const may = usePermission()
  const [org, setOrg] = useState('')
  const [numbers, setNumbers] = useState('')
  const [list, setList] = useState<string>()
  const [chosen, setChosen] = useState<string[]>(states)
  const [reason, setReason] = useState('')
  const trying = useWrite(
    (selection: object, key) =>
      askDesk<RecallRecord>(
        'POST',
        `/admin/batches/${batch.id}/recalls`,
        { selection, reason },
        key,
      ),
    () => setReason(''),
  )
  const send = (event: FormEvent) => {
    event.preventDefault()
    const member_nos = numbers.split(/[\s,;，；]+/).filter((one) => one !== '')
    trying.mutate({
      ...(org !== '' && { org_code: org }),
      ...(member_nos.length > 0 && { member_nos }),
      ...(list !== undefined && { list_id: list }),
      ...(chosen.length < states.length && { states: chosen }),
    })
  }
  return (
    <Card withBorder>
      <Stack gap="sm">
        <Text>{say(words.recall_lead)}</Text>
        {may('batches.write') && <ListFile org={batch.org_code} ready={setList} />}
        <Stack gap="sm" component="form" onSubmit={send}>
          <TextInput
            label={say(common.organisation_code)}
            value={org}
            pattern={organisationCode.source}
            onChange={({ currentTarget }) => setOrg(currentTarget.value.trim())}
          />
          <Textarea
            autosize
            maxRows={8}
            label={say(words.member_numbers)}
            value={numbers}
            onChange={({ currentTarget }) => setNumbers(currentTarget.value)}
          />
          <Checkbox.Group label={say(common.state)} value={chosen} onChange={setChosen}>
            <Group>
              {states.map((state) => (
                <Checkbox
                  key={state}
                  value={state}
                  label={say(voucherStateNames[state] ?? word(state, state))}
                />
              ))}
            </Group>
          </Checkbox.Group>
          <TextInput
            required
            label={say(words.recall_reason)}
            value={reason}
            maxLength={200}
            onChange={({ currentTarget }) => setReason(currentTarget.value)}
          />
          <Refusal error={trying.error} />
          <Button
            type="submit"
            variant="default"
            loading={trying.isPending}
            disabled={chosen.length === 0}
          >
            {say(words.recall_try)}
          </Button>
        </Stack>
      </Stack>
    </Card>
  )
}
