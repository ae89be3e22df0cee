import { Stack, Table, Text, Title } from '@mantine/core'

import { useLanguage } from '../../parts/language.tsx'
import { roleNames } from '../roles.ts'
import { useSession } from '../session/session.ts'
import { word, words } from '../words.ts'

const mine = word('您的权限', 'What you may do')
const role = word('角色', 'Role')

/** What whoever is signed in may do where. */
export function Grants() {
  const { say } = useLanguage()
  const { grants } = useSession()
  return (
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
  )
}
