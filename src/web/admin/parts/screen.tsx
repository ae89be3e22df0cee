import { Group, Stack, Title } from '@mantine/core'
import { type ReactNode, useEffect } from 'react'

/** One screen of the desk: its heading, what can be done, and the rest. */
export function Screen({
  title,
  acts,
  children,
}: {
  readonly title: string
  readonly acts?: ReactNode
  readonly children: ReactNode
}) {
  useEffect(() => {
    document.title = title
  }, [title])
  return (
    <Stack gap="md">
      <Group justify="space-between" align="center">
        <Title order={1} size="h2">
          {title}
        </Title>
        <Group gap="xs">{acts}</Group>
      </Group>
      {children}
    </Stack>
  )
}
