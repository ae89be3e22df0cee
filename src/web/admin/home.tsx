import { List, Stack, Table, Text, Title } from '@mantine/core'

import { useLanguage } from '../parts/language.tsx'
import { Screen } from './parts/screen.tsx'
import { roleNames } from './roles.ts'
import { useSession } from './session/session.ts'
import { word, words } from './words.ts'

const mine = word('您的权限', 'What you may do')
const role = word('角色', 'Role')
const begin = word('从这里开始', 'Where to begin')
const steps = [
  word('导入名册，或审批入会申请。', 'Import a roster, or decide applications.'),
  word('建立项目和预算，发布权益。', 'Set up a programme with money, publish a benefit.'),
  word(
    '起草批次，试算，提交给另一位同事审批。',
    'Draft a batch, dry-run it, have a colleague approve it.',
  ),
  word('发放，查看进度，必要时收回。', 'Issue, follow its progress, recall if need be.'),
]

/** The first screen: where to begin, and what one may do where. */
export default function Home() {
  const { say } = useLanguage()
  const { grants, node } = useSession()
  return (
    <Screen title={node.name_zh}>
      <Stack gap="xs">
        <Title order={2} size="h4">
          {say(begin)}
        </Title>
        <List type="ordered">
          {steps.map((step) => (
            <List.Item key={step.en}>{say(step)}</List.Item>
          ))}
        </List>
      </Stack>
      <Stack gap="xs">
        <Title order={2} size="h4">
          {say(mine)}
        </Title>
        <Table>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{say(role)}</Table.Th>
              <Table.Th>{say(words.organisation)}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {grants.map((grant) => (
              <Table.Tr key={`${grant.role} ${grant.org_code}`}>
                <Table.Td>{say(roleNames[grant.role] ?? word(grant.role, grant.role))}</Table.Td>
                <Table.Td>
                  {grant.org_name_zh}{' '}
                  <Text component="span" size="sm" c="dimmed">
                    {grant.org_code}
                  </Text>
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Stack>
    </Screen>
  )
}
