import { Anchor, List, Stack, Text, Title } from '@mantine/core'

import { Screen } from '../admin/parts/screen.tsx'
import { useSession } from '../admin/session/session.ts'
import { useLanguage } from '../parts/language.tsx'
import { proposalWords } from './proposal-record.ts'
import { words } from './words.ts'

const ways = [
  ['/integrity', words.integrity],
  ['/board', words.board],
  ['/events', words.events],
  ['/decisions', words.decisions],
  ['/draws', words.draws],
  ['/duties', words.duties],
  ['/proposals', proposalWords.title],
  ['/unmasking', words.unmasking],
] as const

/** What can be checked here. */
export default function Home() {
  const { say } = useLanguage()
  const { node } = useSession()
  return (
    <Screen title={node.name_zh}>
      <Text>{say(words.pseudonyms)}</Text>
      <Stack gap="xs">
        <Title order={2} size="h4">
          {say(words.begin)}
        </Title>
        <List>
          {ways.map(([path, name]) => (
            <List.Item key={path}>
              <Anchor href={`#${path}`}>{say(name)}</Anchor>
            </List.Item>
          ))}
        </List>
      </Stack>
    </Screen>
  )
}
