import { Button, Loader, Table, Text } from '@mantine/core'
import type { Key, ReactNode } from 'react'

import { useLanguage } from '../../parts/language.tsx'
import type { useList } from '../desk-api.ts'
import { words } from '../words.ts'
import { Refusal } from './refusal.tsx'

/** A column: its head, and a row's cell. */
export interface Column<Item> {
  readonly head: string
  readonly cell: (item: Item) => ReactNode
  readonly number?: boolean
}

/** A list of the API as a table, a page at a time. */
export function Listing<Item>({
  list,
  columns,
  keyOf,
  caption,
}: {
  readonly list: ReturnType<typeof useList<Item>>
  readonly columns: readonly Column<Item>[]
  readonly keyOf: (item: Item) => Key
  readonly caption: string
}) {
  const { say } = useLanguage()
  if (list.error) return <Refusal error={list.error} />
  if (list.isPending) return <Loader aria-label={say(words.loading)} />
  if (list.items.length === 0) return <Text c="dimmed">{say(words.nothing)}</Text>
  return (
    <>
      <Rows rows={list.items} columns={columns} keyOf={keyOf} caption={caption} />
      {list.hasNextPage && (
        <Button
          variant="default"
          loading={list.isFetchingNextPage}
          onClick={() => void list.fetchNextPage()}
        >
          {say(words.more)}
        </Button>
      )}
    </>
  )
}

/** Rows that are all there already. */
export function Rows<Item>({
  rows,
  columns,
  keyOf,
  caption,
}: {
  readonly rows: readonly Item[]
  readonly columns: readonly Column<Item>[]
  readonly keyOf: (item: Item) => Key
  readonly caption: string
}) {
  const { say } = useLanguage()
  if (rows.length === 0) return <Text c="dimmed">{say(words.nothing)}</Text>
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a wide table is scrolled by keyboard too
    <section className="scrolls" tabIndex={0} aria-label={caption}>
      <Table striped highlightOnHover>
        <caption className="spoken-only">{caption}</caption>
        <Table.Thead>
          <Table.Tr>
            {columns.map(({ head, number }) => (
              <Table.Th key={head} className={number ? 'number' : ''}>
                {head}
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map((row) => (
            <Table.Tr key={keyOf(row)}>
              {columns.map(({ head, cell, number }) => (
                <Table.Td key={head} className={number ? 'number' : ''}>
                  {cell(row)}
                </Table.Td>
              ))}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </section>
  )
}
