import { Alert, Button, FileInput, Group, Stack, Text, Title } from '@mantine/core'
import { useState } from 'react'

import { useLanguage } from '../../parts/language.tsx'
import { askDesk, sendFile } from '../ask-desk.ts'
import { useWrite } from '../desk-api.ts'
import { Rows } from '../parts/listing.tsx'
import { Refusal } from '../parts/refusal.tsx'
import { Sure } from '../parts/sure.tsx'
import { words } from './words.ts'

interface Received {
  readonly file_id: string
  readonly applications: number
  readonly refused: readonly {
    readonly row: number
    readonly column: string
    readonly value: string
    readonly code: string
  }[]
}
interface Decided {
  readonly decided: number
  readonly refused: readonly unknown[]
  readonly next?: string
}

/** A roster whose people apply together; approved together, but for those who need a closer look. */
export function Together({ org }: { readonly org: string }) {
  const { say } = useLanguage()
  const [file, setFile] = useState<File | null>(null)
  const sending = useWrite((given: File) =>
    sendFile<Received>(`/admin/application-files?org_code=${org}`, given),
  )
  const approving = useWrite(approveAll)
  const got = sending.data
  const done = approving.data
  return (
    <Stack gap="sm">
      <Title order={2} size="h4">
        {say(words.together)}
      </Title>
      <Text size="sm">{say(words.together_lead)}</Text>
      <Group align="end">
        <FileInput
          clearable
          miw={260}
          label={say(words.file)}
          accept=".csv,.xlsx,text/csv"
          value={file}
          onChange={setFile}
        />
        <Button
          variant="light"
          disabled={!file}
          loading={sending.isPending}
          onClick={() => file && sending.mutate(file)}
        >
          {say(words.send)}
        </Button>
      </Group>
      <Refusal error={sending.error ?? approving.error} />
      {got && (
        <Alert
          role="status"
          title={say(words.received, { count: got.applications, refused: got.refused.length })}
        >
          <Sure name={say(words.approve_all)} act={() => approving.mutate(got.file_id)} />
        </Alert>
      )}
      {got && got.refused.length > 0 && (
        <Rows
          rows={got.refused}
          keyOf={({ row, code }) => `${row} ${code}`}
          caption={say(words.together)}
          columns={[
            { head: '#', cell: ({ row }) => row, number: true },
            { head: say(words.identity), cell: ({ column, value }) => `${column}: ${value}` },
            { head: say(words.reason), cell: ({ code }) => <span className="code">{code}</span> },
          ]}
        />
      )}
      {done && (
        <Alert role="status" color="green">
          {say(words.decided, { count: done.decided, refused: done.refused })}
        </Alert>
      )}
    </Stack>
  )
}

/** Goes through the file a hundred at a time: each hundred is one transaction of the server's. */
async function approveAll(fileId: string): Promise<{ decided: number; refused: number }> {
  let [decided, refused, after] = [0, 0, '']
  for (;;) {
    const path = `/admin/application-files/${fileId}/decisions`
    const done = await askDesk<Decided>('POST', path, { decision: 'approve', after })
    decided += done.decided
    refused += done.refused.length
    if (!done.next) return { decided, refused }
    after = done.next
  }
}
