import { Anchor, Badge, Group, Loader, Stack, Title } from '@mantine/core'

import { useRead } from '../admin/desk-api.ts'
import { Rows } from '../admin/parts/listing.tsx'
import { Refusal } from '../admin/parts/refusal.tsx'
import { Screen } from '../admin/parts/screen.tsx'
import { roleNames } from '../admin/roles.ts'
import { words as common, word } from '../admin/words.ts'
import { useLanguage } from '../parts/language.tsx'
import { rowNames, ruleNames, words } from './words.ts'

interface Finding {
  readonly rule: string
  readonly weight: 'broken' | 'notice'
  readonly persons: readonly string[]
  readonly rows: readonly {
    readonly what: string
    readonly id: string
    readonly says: string
    readonly principal_id: string
  }[]
}

interface Report {
  readonly rules: readonly { readonly rule: string; readonly findings: number }[]
  readonly findings: readonly Finding[]
}

/** What must be kept apart, and where it meets in one hand. */
export default function Duties() {
  const { say } = useLanguage()
  const { data, error } = useRead<Report>('/audit/sod')
  if (error) return <Refusal error={error} />
  if (!data) return <Loader aria-label={say(common.loading)} />
  return (
    <Screen title={say(words.duties)}>
      {data.rules.map(({ rule, findings }) => (
        <Stack key={rule} gap="xs" component="section">
          <Group gap="sm">
            <Title order={2} size="h4">
              {say(ruleNames[rule] ?? word(rule, rule))}
            </Title>
            <Count findings={data.findings.filter((one) => one.rule === rule)} />
          </Group>
          {findings > 0 && <Found findings={data.findings.filter((one) => one.rule === rule)} />}
        </Stack>
      ))}
    </Screen>
  )
}

function Count({ findings }: { readonly findings: readonly Finding[] }) {
  const { say } = useLanguage()
  const broken = findings.some(({ weight }) => weight === 'broken')
  const colour = findings.length === 0 ? 'teal.9' : broken ? 'red.9' : 'yellow.9'
  return (
    <Badge variant="filled" tt="none" color={colour}>
      {findings.length === 0 ? say(words.none) : `${say(words.findings)}: ${findings.length}`}
    </Badge>
  )
}

function Found({ findings }: { readonly findings: readonly Finding[] }) {
  const { say } = useLanguage()
  const told = (what: string, says: string) => {
    if (what !== 'grant') return say(rowNames[says] ?? word(says, says))
    const [role = '', org = ''] = says.split(' ')
    return `${say(roleNames[role] ?? word(role, role))} · ${org}`
  }
  const rows = findings.flatMap(({ persons, rows: behind }) =>
    behind.map((row) => ({ persons: persons.join(' · '), ...row })),
  )
  return (
    <Rows
      rows={rows}
      caption={say(words.behind)}
      keyOf={({ id, says, persons }) => `${persons} ${id} ${says}`}
      columns={[
        { head: say(words.persons), cell: (row) => <span className="code">{row.persons}</span> },
        {
          head: say(words.behind),
          cell: ({ what, id, says }) =>
            what === 'proposal' ? (
              <Anchor href={`#/proposals/${id}`}>{told(what, says)}</Anchor>
            ) : (
              told(what, says)
            ),
        },
        {
          head: say(words.principal),
          cell: (row) => <span className="code">{row.principal_id}</span>,
        },
      ]}
    />
  )
}
