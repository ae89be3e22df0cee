import { Button, Group, SimpleGrid, Stack, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'

import { Refused } from '../../parts/ask.ts'
import { useLanguage } from '../../parts/language.tsx'
import { moneyText } from '../../parts/times.ts'
import { askDesk } from '../ask-desk.ts'
import { useWrite } from '../desk-api.ts'
import { Facts } from '../parts/facts.tsx'
import { Rows } from '../parts/listing.tsx'
import { Refusal } from '../parts/refusal.tsx'
import { State } from '../parts/state.tsx'
import { usePermission } from '../session/session.ts'
import { words as common, occupationNames, word } from '../words.ts'
import type { BatchRecord, DryRun, DryRunReport } from './batch-record.ts'
import { words } from './words.ts'

const budgetNames = { sufficient: words.sufficient, insufficient: words.insufficient }

/** The dry run a batch stands on: counts with reasons, money, where the people are. */
export function DryRunReportView({ batch }: { readonly batch: BatchRecord }) {
  const { say } = useLanguage()
  const may = usePermission()
  const path = `/admin/batches/${batch.id}/dry-run`
  const { data, error } = useQuery({
    queryKey: [path, batch.state, batch.version],
    retry: false,
    queryFn: () => askDesk<DryRun>('GET', path),
  })
  const running = useWrite((_: undefined, key) => askDesk<DryRun>('POST', path, {}, key))
  const none = error instanceof Refused && error.code === 'NOT_FOUND'
  const open = batch.state === 'draft' || batch.state === 'ready'
  return (
    <Stack gap="sm">
      <Group justify="space-between">
        <Title order={2} size="h4">
          {say(words.dry_run)}
        </Title>
        {open && may('batches.write') && (
          <Button
            variant={data ? 'default' : 'filled'}
            loading={running.isPending}
            onClick={() => running.mutate(undefined)}
          >
            {say(data ? words.dry_run_again : words.dry_run_do)}
          </Button>
        )}
      </Group>
      <Refusal error={running.error ?? (none ? undefined : error)} />
      {data && <Report report={data.report} digest={data.digest} />}
    </Stack>
  )
}

function Report({ report, digest }: { readonly report: DryRunReport; readonly digest: string }) {
  const { say, language } = useLanguage()
  const { budget, excluded } = report
  const outcomes = [
    [words.considered, report.considered],
    [words.eligible, report.eligible],
    [words.not_active, excluded.not_active],
    [words.not_eligible, excluded.not_eligible],
    [words.fact_unknown, excluded.fact_unknown],
    [words.cap_reached, excluded.cap_reached],
  ] as const
  return (
    <>
      <SimpleGrid cols={{ base: 1, md: 2 }}>
        <Rows
          rows={outcomes}
          keyOf={([name]) => name.en}
          caption={say(words.dry_run)}
          columns={[
            { head: say(words.outcome), cell: ([name]) => say(name) },
            {
              head: say(words.people),
              cell: ([name, count]) => <span data-outcome={name.en}>{count.toLocaleString()}</span>,
              number: true,
            },
          ]}
        />
        <Facts
          facts={[
            [say(words.budget_total), moneyText(budget.total, language)],
            [say(words.budget_available), moneyText(budget.available, language)],
            [
              say(common.state),
              <State
                key="budget"
                state={budget.sufficient ? 'sufficient' : 'insufficient'}
                names={budgetNames}
              />,
            ],
            [say(words.difference), differenceText(say, report.difference)],
            [
              say(words.digest),
              <span key="digest" className="code" data-digest={digest}>
                {digest}
              </span>,
            ],
          ]}
        />
      </SimpleGrid>
      <SimpleGrid cols={{ base: 1, md: 3 }}>
        <Rows
          rows={report.by_organisation}
          keyOf={(one) => one.org_code}
          caption={say(words.by_organisation)}
          columns={[
            { head: say(words.by_organisation), cell: (one) => one.org_code },
            { head: say(words.people), cell: (one) => one.count.toLocaleString(), number: true },
          ]}
        />
        <Rows
          rows={report.by_occupation}
          keyOf={(one) => one.occupation}
          caption={say(words.by_occupation)}
          columns={[
            {
              head: say(words.by_occupation),
              cell: ({ occupation }) => say(occupationNames[occupation] ?? word('未知', 'Unknown')),
            },
            { head: say(words.people), cell: (one) => one.count.toLocaleString(), number: true },
          ]}
        />
        <Rows
          rows={report.sample.slice(0, 10)}
          keyOf={(one) => `${one.member_no} ${one.org_code}`}
          caption={say(words.sample)}
          columns={[
            { head: say(words.sample), cell: (one) => one.member_no },
            { head: say(common.organisation_code), cell: (one) => one.org_code },
          ]}
        />
      </SimpleGrid>
    </>
  )
}

function differenceText(
  say: ReturnType<typeof useLanguage>['say'],
  difference: DryRunReport['difference'],
): string {
  if (!difference) return '—'
  const { joined, left } = difference
  if (joined === 0 && left === 0) return say(words.same)
  return `${say(words.more, { count: joined })} · ${say(words.fewer, { count: left })}`
}
