import { Anchor, Button, Group, Loader, SimpleGrid, Stack, Title } from '@mantine/core'
import { useLocation, useParams } from 'wouter'

import { useLanguage } from '../../parts/language.tsx'
import { moneyText } from '../../parts/times.ts'
import { askDesk } from '../ask-desk.ts'
import { useList, useRead, useWrite } from '../desk-api.ts'
import { Facts } from '../parts/facts.tsx'
import { Listing, Rows } from '../parts/listing.tsx'
import { Refusal } from '../parts/refusal.tsx'
import { Screen } from '../parts/screen.tsx'
import { State } from '../parts/state.tsx'
import { Sure } from '../parts/sure.tsx'
import { usePermission } from '../session/session.ts'
import { words as common, kindNames, word } from '../words.ts'
import { words as acceptance } from './acceptance-words.ts'
import { BudgetHistory, ProposeChange } from './budget-changes.tsx'
import type { BenefitRecord, Programme as Record } from './programme-record.ts'
import { accountNames, benefitStateNames, words } from './words.ts'

interface Budget {
  readonly available: number
  readonly version: number
  readonly balances: Readonly<{ [account: string]: number }>
}

/** One programme: its money, from the postings, and its benefits. */
export default function Programme() {
  const { say, language } = useLanguage()
  const { id = '' } = useParams<{ id: string }>()
  const may = usePermission()
  const list = useList<Record>('/admin/programmes?limit=200')
  const budget = useRead<Budget>(`/admin/programmes/${id}/budget`)
  const programme = list.items.find((one) => one.id === id)
  if (budget.error) return <Refusal error={budget.error} />
  if (!programme || !budget.data) return <Loader aria-label={say(common.loading)} />
  const balances = Object.entries(budget.data.balances).filter(([, amount]) => amount !== 0)
  return (
    <Screen title={language === 'zh' ? programme.name_zh : programme.name_en}>
      <SimpleGrid cols={{ base: 1, md: 2 }}>
        <Stack gap="sm">
          <Facts
            facts={[
              [say(words.public_id), programme.public_id],
              [say(common.organisation_code), programme.org_code],
              [say(words.available), moneyText(budget.data.available, language)],
            ]}
          />
          {may('budgets.write') && <ProposeChange id={id} version={budget.data.version} />}
        </Stack>
        <Rows
          rows={balances}
          keyOf={([account]) => account}
          caption={say(words.budget)}
          columns={[
            {
              head: say(words.account),
              cell: ([account]) => say(accountNames[account] ?? word(account, account)),
            },
            {
              head: say(words.balance),
              cell: ([, amount]) => moneyText(amount, language),
              number: true,
            },
          ]}
        />
      </SimpleGrid>
      <BudgetHistory id={id} />
      <Benefits id={id} />
    </Screen>
  )
}

function Benefits({ id }: { readonly id: string }) {
  const { say, language } = useLanguage()
  const [, go] = useLocation()
  const may = usePermission()
  const list = useList<BenefitRecord>(`/admin/benefits?programme_id=${id}`)
  return (
    <Stack gap="sm">
      <Group justify="space-between">
        <Title order={2} size="h4">
          {say(words.benefits)}
        </Title>
        {may('benefits.write') && (
          <Button onClick={() => go(`/programmes/${id}/benefits/new`)}>
            {say(words.new_benefit)}
          </Button>
        )}
      </Group>
      <Listing
        list={list}
        keyOf={(one) => one.id}
        caption={say(words.benefits)}
        columns={[
          {
            head: say(common.name),
            cell: ({ name_zh, name_en }) => (language === 'zh' ? name_zh : name_en),
          },
          {
            head: say(words.kind),
            cell: ({ kind }) => say(kindNames[kind] ?? word(kind, kind)),
          },
          {
            head: say(common.state),
            cell: ({ state }) => <State state={state} names={benefitStateNames} />,
          },
          { head: say(words.version), cell: ({ version }) => version, number: true },
          { head: say(words.acts), cell: (one) => <BenefitActs benefit={one} /> },
        ]}
      />
    </Stack>
  )
}

const acts = {
  draft: ['publish'],
  published: ['pause', 'stop'],
  paused: ['resume', 'stop'],
  stopped: [],
} as const

function BenefitActs({ benefit }: { readonly benefit: BenefitRecord }) {
  const { say } = useLanguage()
  const [, go] = useLocation()
  const may = usePermission()
  const acting = useWrite((act: string, key) =>
    askDesk('POST', `/admin/benefits/${benefit.id}/${act}`, {}, key),
  )
  return (
    <Group gap="xs">
      <Anchor href={`#/benefits/${benefit.id}/acceptance`}>{say(acceptance.title)}</Anchor>
      {may('benefits.write') &&
        acts[benefit.state].map((act) => (
          <Sure key={act} name={say(words[act])} act={() => acting.mutate(act)} />
        ))}
      {benefit.state === 'published' && may('batches.write') && (
        <Button variant="light" onClick={() => go(`/batches/for/${benefit.id}`)}>
          {say(words.issue)}
        </Button>
      )}
      <Refusal error={acting.error} />
    </Group>
  )
}
