import { List, Stack, Title } from '@mantine/core'

import { useLanguage } from '../parts/language.tsx'
import { late } from '../parts/late.tsx'
import { Grants } from './parts/grants.tsx'
import { Screen } from './parts/screen.tsx'
import { useSession } from './session/session.ts'
import { word } from './words.ts'

const Dashboard = late(() => import('./dashboard/dashboard.tsx'))

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

/** The first screen: the dashboard, or for who may not see it where to begin. */
export default function Home() {
  const { permissions } = useSession()
  return permissions.includes('benefits.read') ? <Dashboard /> : <Welcome />
}

function Welcome() {
  const { say } = useLanguage()
  const { node } = useSession()
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
      <Grants />
    </Screen>
  )
}
