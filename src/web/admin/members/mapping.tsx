import { Button, Card, Group, Loader, NativeSelect, Radio, Stack, Text, Title } from '@mantine/core'

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
  const changing = useWrite((given: object, key) => askDesk<Preview>('PUT', path, given, key))
  const starting = useWrite((_given: null, key) =>
    askDesk('POST', `/admin/imports/${id}/start`, {}, key),
  )
  if (error) return <Refusal error={error} />
  if (!data) return <Loader />
  const said = { encoding: data.encoding, delimiter: data.delimiter, policy: data.policy }
  const columns = data.columns.map(({ field }) => field)
  const names = data.missing.map((field) => say(fieldNames[field] ?? word(field, field)))
  return (
    <Card withBorder>
      <Stack gap="sm">
        <Title order={2} size="h4">
          {say(words.mapping)}
        </Title>
        <Text>{say(words.mapping_lead)}</Text>
        {data.kind === 'text' && (
          // Read otherwise, the columns may be others: they are guessed anew.
          <Form {...said} change={(form) => changing.mutate({ ...said, ...form })} />
        )}
        <Look
          data={data}
          change={(index, field) =>
            changing.mutate({ ...said, columns: columns.with(index, field) })
          }
        />
        <Radio.Group
          label={say(words.policy)}
          value={data.policy}
          onChange={(policy) => changing.mutate({ ...said, columns, policy })}
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
            disabled={names.length > 0 || changing.isPending}
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
  change,
}: {
  readonly data: Preview
  readonly change: (index: number, field: string | null) => void
}) {
  const { say } = useLanguage()
  const choices = [
    { value: '', label: say(words.not_read) },
    ...Object.entries(fieldNames).map(([value, name]) => ({ value, label: say(name) })),
  ]
  return (
    <>
      <Group gap="xs" align="end">
        {columns.map(({ header, field }, index) => (
          <NativeSelect
            // biome-ignore lint/suspicious/noArrayIndexKey: a column is its place in the file
            key={index}
            size="xs"
            label={say(words.column_is, { header: header || index + 1 })}
            value={field ?? ''}
            data={choices}
            onChange={({ currentTarget }) => change(index, currentTarget.value || null)}
          />
        ))}
      </Group>
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
            cell: ({ cells }: Preview['rows'][number]) => cells[index],
          })),
        ]}
      />
    </>
  )
}
