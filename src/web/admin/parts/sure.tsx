import { Button, Group, Popover, Text } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'

import { useLanguage } from '../../parts/language.tsx'
import { word, words } from '../words.ts'

const sure = word('确定吗？', 'Are you sure?')
const yes = word('确定', 'Yes')

/** A button that asks before it acts. */
export function Sure({ name, act }: { readonly name: string; readonly act: () => void }) {
  const { say } = useLanguage()
  const [opened, { open, close }] = useDisclosure()
  return (
    <Popover opened={opened} onChange={(to) => !to && close()} trapFocus returnFocus withArrow>
      <Popover.Target>
        <Button variant="default" onClick={open}>
          {name}
        </Button>
      </Popover.Target>
      <Popover.Dropdown aria-label={name}>
        <Text mb="xs">
          {name}: {say(sure)}
        </Text>
        <Group gap="xs">
          <Button
            onClick={() => {
              close()
              act()
            }}
          >
            {say(yes)}
          </Button>
          <Button variant="default" onClick={close}>
            {say(words.cancel)}
          </Button>
        </Group>
      </Popover.Dropdown>
    </Popover>
  )
}
