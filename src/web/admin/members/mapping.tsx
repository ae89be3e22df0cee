import {
  Button,
  Card,
  Group,
  Loader,
  NativeSelect,
  Radio,
  SimpleGrid,
  Stack,
  Text,
  Title,
} from '@mantine/core'

import { useEffect, useRef, useState } from 'react'

import { useLanguage, type Words } from '../../parts/language.tsx'
import { askDesk } from '../ask-desk.ts'
import { useRead, useWrite } from '../desk-api.ts'
import { Rows } from '../parts/listing.tsx'
import { Refusal } from '../parts/refusal.tsx'
import { word } from '../words.ts'
import { fieldNames, importWords as words } from './words.ts'

interface Preview {
  readonly kind: 'text' | 'workbook'
  readonly encoding?: string
  readonly delimiter?: string
  readonly policy: string
  readonly columns: readonly { readonly header: string; readonly field: string | null }[]
  readonly missing: readonly string[]
  readonly rows: readonly { readonly row: number; readonly cells: readonly string[] }[]
}

/** How the file is to be read: what is left out is found out. */
interface Given {
  readonly encoding?: string | undefined
  readonly delimiter?: string | undefined
  readonly policy: string
  readonly columns?: readonly (string | null)[]
}

/** How long choices rest before they are sent: arrow keys pass through several. */
const restMs = 300

const delimiters: readonly (readonly [string, Words])[] = [
  [',', words.comma],
  [';', words.semicolon],
  ['\t', words.tab],
]

/** What a file's columns were taken for: looked at and changed before anything is written. */
export function Mapping({ id }: { readonly id: string }) {
  const { say } = useLanguage()
  const path = `/admin/imports/${id}/mapping`
  const { data, error } = useRead<Preview>(path)
  const { wanted, want, changing } = useWanted(path)
  const starting = useWrite((_given: null, key) =>
    askDesk('POST', `/admin/imports/${id}/start`, {}, key),
  )
  const heading = useRef<HTMLHeadingElement>(null)
  const there = data !== undefined
  useEffect(() => {
    if (there) heading.current?.focus() // it is what was asked for, and may stand far above
  }, [there])
  if (error) return <Refusal error={error} />
  if (!data) return <Loader />
  const { encoding, delimiter, policy } = wanted ?? data
  const said = { encoding, delimiter, policy }
  const columns = wanted?.columns ?? data.columns.map(({ field }) => field)
  const names = data.missing.map((field) => say(fieldNames[field] ?? word(field, field)))
  return (
    <Card withBorder>
      <Stack gap="sm">
        <Title order={2} size="h4" ref={heading} tabIndex={-1}>
          {say(words.mapping)}
        </Title>
        <Text>{say(words.mapping_lead)}</Text>
        {data.kind === 'text' && (
          // Read otherwise, the columns may be others: they are guessed anew.
          <Form {...said} change={(form) => want({ ...said, ...form })} />
        )}
        <Look
          data={data}
          fields={columns}
          change={(index, field) => want({ ...said, columns: columns.with(index, field) })}
        />
        <Radio.Group
          label={say(words.policy)}
          value={policy}
          onChange={(other) => want({ ...said, columns, policy: other })}
        >
          <Stack gap="xs" mt="xs">
            <Radio value="accept_good" label={say(words.accept_good)} />
            <Radio value="all_or_nothing" label={say(words.all_or_nothing)} />
          </Stack>
        </Radio.Group>
        {names.length > 0 && (
          <Text role="status" c="red.9">
            {say(words.missing)}
            {names.join(' · ')}
          </Text>
        )}
        <Refusal error={changing.error ?? starting.error} />
        <Group>
          <Button
            disabled={names.length > 0 || wanted !== undefined}
            loading={starting.isPending}
            onClick={() => starting.mutate(null)}
          >
            {say(words.start)}
          </Button>
        </Group>
      </Stack>
    </Card>
  )
}

/** What was chosen: shown at once, sent when the choosing rests, one after the other. */
function useWanted(path: string) {
  const [wanted, want] = useState<Given>()
  const changing = useWrite((given: Given, key) => askDesk<Preview>('PUT', path, given, key))
  const { mutate, isPending } = changing
  useEffect(() => {
    if (!wanted || isPending) return
    const done = () => want((now) => (now === wanted ? undefined : now))
    const timer = setTimeout(() => mutate(wanted, { onSettled: done }), restMs)
    return () => clearTimeout(timer)
  }, [wanted, isPending, mutate])
  return { wanted, want, changing }
}

function Form({
  encoding,
  delimiter,
  change,
}: {
  readonly encoding?: string | undefined
  readonly delimiter?: string | undefined
  readonly change: (form: { encoding?: string; delimiter?: string }) => void
}) {
  const { say } = useLanguage()
  return (
    <Group>
      <NativeSelect
        label={say(words.encoding)}
        value={encoding ?? 'utf-8'}
        data={[
          { value: 'utf-8', label: 'UTF-8' },
          { value: 'gb18030', label: 'GB18030' },
        ]}
        onChange={({ currentTarget }) => change({ encoding: currentTarget.value })}
      />
      <NativeSelect
        label={say(words.delimiter)}
        value={delimiter ?? ','}
        data={delimiters.map(([value, name]) => ({ value, label: say(name) }))}
        onChange={({ currentTarget }) => change({ delimiter: currentTarget.value })}
      />
    </Group>
  )
}

function Look({
  data: { columns, rows },
  fields,
  change,
}: {
  readonly data: Preview
  /** What each column is chosen to be. */
  readonly fields: readonly (string | null)[]
  readonly change: (index: number, field: string | null) => void
}) {
  const { say } = useLanguage()
  const choices = [
    { value: '', label: say(words.not_read) },
    ...Object.entries(fieldNames).map(([value, name]) => ({ value, label: say(name) })),
  ]
  return (
    <>
      <SimpleGrid cols={{ base: 2, sm: 3, lg: 5 }} spacing="xs" verticalSpacing="xs">
        {columns.map(({ header }, index) => (
          <NativeSelect
            // biome-ignore lint/suspicious/noArrayIndexKey: a column is its place in the file
            key={index}
            size="xs"
            label={say(words.column_is, { header: header || index + 1 })}
            value={fields[index] ?? ''}
            data={choices}
            onChange={({ currentTarget }) => change(index, currentTarget.value || null)}
          />
        ))}
      </SimpleGrid>
      <Rows
        rows={rows}
        keyOf={({ row }) => row}
        caption={say(words.mapping)}
        columns={[
          { head: say(words.row), cell: ({ row }) => row, number: true },
          ...columns.map(({ header, field }, index) => ({
            head: field
              ? say(fieldNames[field] ?? word(field, field))
              : header || String(index + 1),
            cell: ({ cells }: Preview['rows'][number]) => (
              <span className="whole">{cells[index]}</span>
            ),
          })),
        ]}
      />
    </>
  )
}
