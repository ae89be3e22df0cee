import {
  Button,
  Card,
  Group,
  NativeSelect,
  SegmentedControl,
  Stack,
  TextInput,
  Title,
} from '@mantine/core'
import { type FormEvent, useState } from 'react'
import { useLocation } from 'wouter'

import { useLanguage } from '../../parts/language.tsx'
import { askDesk } from '../ask-desk.ts'
import type { BenefitRecord } from '../benefits/programme-record.ts'
import { criteriaOf, everybody, type Fact, type Segment } from '../benefits/rule.ts'
import { RuleBuilder } from '../benefits/rule-builder.tsx'
import { RulePreview } from '../benefits/rule-preview.tsx'
import { useList, useRead, useWrite } from '../desk-api.ts'
import { OrgCode } from '../parts/org-code.tsx'
import { Refusal } from '../parts/refusal.tsx'
import { useSession } from '../session/session.ts'
import type { BatchRecord } from './batch-record.ts'
import { ListFile } from './list-file.tsx'
import { words } from './words.ts'

/** Drafts a batch of a published benefit: for whom a rule finds, or for the people of a file. */
export function NewBatch({
  benefits,
  chosen,
}: {
  readonly benefits: readonly BenefitRecord[]
  readonly chosen: string
}) {
  const { say, language } = useLanguage()
  const [, go] = useLocation()
  const { grants } = useSession()
  const [benefitId, setBenefit] = useState(chosen)
  const [org, setOrg] = useState(grants[0]?.org_code ?? '')
  const [source, setSource] = useState<'criteria' | 'list'>('criteria')
  const [rule, setRule] = useState(everybody)
  const [list, setList] = useState<string>()
  const [delivery, setDelivery] = useState('offer')
  const [note, setNote] = useState('')
  const facts = useRead<{ items: Fact[] }>('/admin/criteria/facts')
  const segments = useList<Segment>('/admin/segments?limit=100')
  const drafting = useWrite(
    (body: object, key) => askDesk<BatchRecord>('POST', '/admin/batches', body, key),
    ({ id }) => go(`/batches/${id}`),
  )
  const narrowed = rule.conditions.length > 0
  const draft = (event: FormEvent) => {
    event.preventDefault()
    drafting.mutate({
      benefit_id: benefitId,
      org_code: org,
      delivery,
      note,
      ...(source === 'list' && list && { list_id: list }),
      ...(source === 'criteria' && narrowed && { criteria: criteriaOf(rule) }),
    })
  }
  return (
    <Card withBorder>
      <Stack gap="sm">
        <Title order={2} size="h4">
          {say(words.new_batch)}
        </Title>
        <Group grow align="start">
          <NativeSelect
            required
            label={say(words.benefit)}
            value={benefitId}
            onChange={({ currentTarget }) => setBenefit(currentTarget.value)}
            data={[
              { value: '', label: '—' },
              ...benefits.map(({ id, name_zh, name_en }) => ({
                value: id,
                label: language === 'zh' ? name_zh : name_en,
              })),
            ]}
          />
          <OrgCode value={org} change={setOrg} />
        </Group>
        <SegmentedControl
          aria-label={say(words.source)}
          value={source}
          onChange={(value) => setSource(value === 'list' ? 'list' : 'criteria')}
          data={[
            { value: 'criteria', label: say(words.by_criteria) },
            { value: 'list', label: say(words.by_list) },
          ]}
        />
        {source === 'list' && <ListFile org={org} ready={setList} />}
        {source === 'criteria' && benefitId && (
          <>
            <Title order={3} size="h5">
              {say(words.narrow)}
            </Title>
            <RuleBuilder
              facts={facts.data?.items ?? []}
              segments={segments.items}
              rule={rule}
              change={setRule}
            />
            <RulePreview rule={rule} org={org} benefitId={benefitId} />
          </>
        )}
        <Group component="form" align="end" onSubmit={draft}>
          <NativeSelect
            label={say(words.delivery)}
            value={delivery}
            onChange={({ currentTarget }) => setDelivery(currentTarget.value)}
            data={[
              { value: 'offer', label: say(words.offer) },
              { value: 'active', label: say(words.active) },
            ]}
          />
          <TextInput
            flex={1}
            label={say(words.note)}
            value={note}
            maxLength={500}
            onChange={({ currentTarget }) => setNote(currentTarget.value)}
          />
          <Button
            type="submit"
            loading={drafting.isPending}
            disabled={!benefitId || (source === 'list' && !list)}
          >
            {say(words.draft)}
          </Button>
        </Group>
        <Refusal error={drafting.error} />
      </Stack>
    </Card>
  )
}
