import { Alert, Anchor, Button, FileInput, Group, Text, TextInput } from '@mantine/core'
import { useEffect, useState } from 'react'

import { useLanguage } from '../../parts/language.tsx'
import { askDesk, sendFile } from '../ask-desk.ts'
import { useRead } from '../desk-api.ts'
import { Mapping } from '../members/mapping.tsx'
import { importFailures } from '../members/words.ts'
import { Refusal } from '../parts/refusal.tsx'
import { word } from '../words.ts'
import { words } from './words.ts'

interface ListImport {
  readonly id: string
  readonly state: 'waiting' | 'running' | 'completed' | 'failed'
  readonly failure?: string
  readonly read: number
  readonly matched?: number
  readonly refused: number
}

/** Puts the people of a file on a list: what was read and refused is told before it is used. */
export function ListFile({
  org,
  ready,
}: {
  readonly org: string
  readonly ready: (listId: string | undefined) => void
}) {
  const { say } = useLanguage()
  const [name, setName] = useState('')
  const [file, setFile] = useState<File | null>(null)
  const [sent, setSent] = useState<{ readonly list: string; readonly importId: string }>()
  const [error, setError] = useState<unknown>()
  const send = async () => {
    if (!file) return
    setError(undefined)
    ready(undefined)
    try {
      const given = { name: name || file.name, org_code: org }
      const list = await askDesk<{ id: string }>('POST', '/admin/lists', given)
      const path = `/admin/lists/${list.id}/imports?hold=true`
      const { id } = await sendFile<ListImport>(path, file)
      setSent({ list: list.id, importId: id })
    } catch (refused) {
      setError(refused)
    }
  }
  return (
    <>
      <Group align="end">
        <TextInput
          label={say(words.list_name)}
          value={name}
          maxLength={100}
          onChange={({ currentTarget }) => setName(currentTarget.value)}
        />
        <FileInput
          clearable
          flex={1}
          label={say(words.list_file)}
          accept=".csv,.xlsx,text/csv"
          value={file}
          onChange={setFile}
        />
        <Button variant="light" disabled={!file} onClick={() => void send()}>
          {say(words.go_on)}
        </Button>
      </Group>
      <Refusal error={error} />
      {sent && (
        <section aria-label={say(words.list)} tabIndex={-1}>
          <ReadList {...sent} ready={ready} key={sent.importId} />
        </section>
      )}
    </>
  )
}

function ReadList({
  list,
  importId,
  ready,
}: {
  readonly list: string
  readonly importId: string
  readonly ready: (listId: string) => void
}) {
  const { say } = useLanguage()
  const [ended, setEnded] = useState(false)
  const { data } = useRead<ListImport>(`/admin/imports/${importId}`, ended ? {} : { everyMs: 700 })
  const state = data?.state
  useEffect(() => {
    if (state === undefined || state === 'waiting' || state === 'running') return
    setEnded(true)
    if (state === 'completed') ready(list)
  }, [state, list, ready])
  if (state === 'waiting') return <Mapping id={importId} />
  if (!data || state === 'running') {
    return <Text aria-live="polite">{say(words.reading, { read: data?.read ?? 0 })}</Text>
  }
  const { failure = '' } = data
  if (state === 'failed') {
    return <Alert color="red">{say(importFailures[failure] ?? word(failure, failure))}</Alert>
  }
  return (
    <Alert role="status" color="green" data-matched={data.matched}>
      {say(words.list_read, { matched: data.matched ?? 0, refused: data.refused })}{' '}
      {data.refused > 0 && (
        <Anchor href={`/api/v1/admin/imports/${importId}/errors.csv`} download="errors.csv">
          {say(words.list_errors)}
        </Anchor>
      )}
    </Alert>
  )
}
