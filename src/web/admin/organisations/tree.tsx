import { ActionIcon, Button, Group, Text, UnstyledButton } from '@mantine/core'
import { useState } from 'react'

import { useLanguage } from '../../parts/language.tsx'
import { useList } from '../desk-api.ts'
import { Glyph } from '../parts/glyph.tsx'
import { Refusal } from '../parts/refusal.tsx'
import { levelNames } from '../words.ts'
import type { Organisation } from './organisation.ts'
import tree from './tree.module.css'
import { words } from './words.ts'

interface Choosing {
  readonly chosen: string | undefined
  readonly choose: (code: string) => void
}

/** Organisations beside each other. What is below one is read when it is opened. */
export function Branches({
  nodes,
  opened = false,
  ...choosing
}: { readonly nodes: readonly Organisation[]; readonly opened?: boolean } & Choosing) {
  return (
    <ul className={tree.branches}>
      {nodes.map((node) => (
        <Branch key={node.code} node={node} opened={opened} {...choosing} />
      ))}
    </ul>
  )
}

function Branch({
  node,
  opened,
  chosen,
  choose,
}: { readonly node: Organisation; readonly opened: boolean } & Choosing) {
  const { say } = useLanguage()
  const [open, setOpen] = useState(opened)
  const name = node.name_zh
  const leaf = node.level === 'grassroots'
  return (
    <li>
      <Group gap={4} wrap="nowrap">
        {leaf ? (
          <span className={tree.gap} />
        ) : (
          <ActionIcon
            variant="subtle"
            aria-expanded={open}
            aria-label={say(open ? words.shut : words.open, { name })}
            onClick={() => setOpen(!open)}
          >
            <Glyph name={open ? 'down' : 'right'} />
          </ActionIcon>
        )}
        <UnstyledButton
          className={tree.node}
          aria-current={chosen === node.code || undefined}
          onClick={() => choose(node.code)}
        >
          {name}
          <Text size="xs" c="dimmed" component="span" ms={8}>
            {say(levelNames[node.level] ?? { zh: '', en: '' })}
          </Text>
        </UnstyledButton>
      </Group>
      {open && <Children code={node.code} chosen={chosen} choose={choose} />}
    </li>
  )
}

function Children({ code, ...choosing }: { readonly code: string } & Choosing) {
  const { say } = useLanguage()
  const list = useList<Organisation>(`/admin/organisations/${code}/children`)
  if (list.error) return <Refusal error={list.error} />
  return (
    <>
      <Branches nodes={list.items} {...choosing} />
      {list.hasNextPage && (
        <Button
          variant="subtle"
          size="compact-sm"
          ms="xl"
          onClick={() => void list.fetchNextPage()}
        >
          {say(words.more)}
        </Button>
      )}
    </>
  )
}
