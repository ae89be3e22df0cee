import {
  ActionIcon,
  AppShell,
  Burger,
  Button,
  Group,
  NavLink,
  Text,
  useMantineColorScheme,
} from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import type { ReactNode } from 'react'
import { useLocation } from 'wouter'

import { useKeptFocus } from '../parts/kept-focus.ts'
import { LanguageSwitch, useLanguage, type Words } from '../parts/language.tsx'
import { Glyph } from './parts/glyph.tsx'
import type { Session } from './session/session.ts'
import { words } from './words.ts'

/** One place of the desk, and the permission that opens it. */
export interface Place {
  readonly path: string
  readonly name: Words
  readonly permission?: string
}

/** The frame around every screen: where one can go, who one is, language and light. */
export function Shell({
  title,
  session,
  places,
  leave,
  children,
}: {
  readonly title: Words
  readonly session: Session
  readonly places: readonly Place[]
  readonly leave: () => void
  readonly children: ReactNode
}) {
  const { say } = useLanguage()
  const [opened, { toggle, close }] = useDisclosure()
  const [location, go] = useLocation()
  useKeptFocus()
  const open = places.filter(
    ({ permission }) => !permission || session.permissions.includes(permission),
  )
  return (
    <AppShell
      header={{ height: 56 }}
      navbar={{ width: 200, breakpoint: 'sm', collapsed: { mobile: !opened } }}
      padding="md"
    >
      <AppShell.Header>
        <Group h="100%" px="md" justify="space-between" wrap="nowrap">
          <Group gap="sm" wrap="nowrap">
            <Burger
              opened={opened}
              onClick={toggle}
              hiddenFrom="sm"
              size="sm"
              aria-label={say(words.menu)}
            />
            <Text fw={700} c="union" component="span">
              {say(title)}
            </Text>
            <Text size="sm" c="dimmed" visibleFrom="sm" component="span">
              {session.node.name_zh}
            </Text>
          </Group>
          <Group gap="xs" wrap="nowrap">
            <Text size="sm" visibleFrom="sm" component="span">
              {session.name}
            </Text>
            <LanguageSwitch />
            <LightSwitch />
            <Button variant="default" size="xs" onClick={leave}>
              {say(words.sign_out)}
            </Button>
          </Group>
        </Group>
      </AppShell.Header>
      <AppShell.Navbar p="xs" component="nav" aria-label={say(words.menu)}>
        {open.map(({ path, name }) => (
          <NavLink
            key={path}
            href={`#${path}`}
            label={say(name)}
            active={path === '/' ? location === '/' : location.startsWith(path)}
            aria-current={location === path ? 'page' : undefined}
            onClick={(event) => {
              event.preventDefault()
              close()
              go(path)
            }}
          />
        ))}
      </AppShell.Navbar>
      <AppShell.Main>{children}</AppShell.Main>
    </AppShell>
  )
}

function LightSwitch() {
  const { say } = useLanguage()
  const { colorScheme, setColorScheme } = useMantineColorScheme()
  const dark = colorScheme === 'dark'
  return (
    <ActionIcon
      variant="default"
      size="md"
      aria-label={say(dark ? words.light : words.dark)}
      onClick={() => setColorScheme(dark ? 'light' : 'dark')}
    >
      <Glyph name={dark ? 'light' : 'dark'} />
    </ActionIcon>
  )
}
