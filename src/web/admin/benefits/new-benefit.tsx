import { Button, Group, Stepper, TextInput } from '@mantine/core'
import { useState } from 'react'
import { useLocation, useParams } from 'wouter'

import { useLanguage } from '../../parts/language.tsx'
import { askDesk } from '../ask-desk.ts'
import { useList, useRead, useWrite } from '../desk-api.ts'
import { Refusal } from '../parts/refusal.tsx'
import { Screen } from '../parts/screen.tsx'
import { useSession } from '../session/session.ts'
import { words as common } from '../words.ts'
import { Review } from './review.tsx'
import type { Fact, Segment } from './rule.ts'
import { RuleBuilder } from './rule-builder.tsx'
import { RulePreview } from './rule-preview.tsx'
import { acceptanceOf, blank, definitionOf, type Sketch } from './sketch.ts'
import { HowMany, When, Where } from './terms.tsx'
import { What } from './what.tsx'
import { wizard } from './words.ts'

/** Writes a benefit step by step: what, who, where, when, how many, and once more at a glance. */
export default function NewBenefit() {
  const { say } = useLanguage()
  const [, go] = useLocation()
  const { id: programmeId = '' } = useParams<{ id: string }>()
  const [step, setStep] = useState(0)
  const [sketch, setSketch] = useState(blank)
  const change = (part: Partial<Sketch>) => setSketch({ ...sketch, ...part })
  const given = { sketch, change }
  const saving = useWrite(
    async (_: undefined, key) => {
      const definition = definitionOf(sketch)
      const body = { programme_id: programmeId, definition }
      const made = await askDesk<{ benefit_id: string }>('POST', '/admin/benefits', body, key)
      const rules = acceptanceOf(sketch)
      await askDesk('PUT', `/admin/benefits/${made.benefit_id}/acceptance`, { rules })
    },
    () => go(`/programmes/${programmeId}`),
  )
  const last = 5
  return (
    <Screen title={say(wizard.title)}>
      <Stepper active={step} onStepClick={setStep} size="sm">
        <Stepper.Step label={say(wizard.what)}>
          <What {...given} />
        </Stepper.Step>
        <Stepper.Step label={say(wizard.who)}>
          <Who {...given} />
        </Stepper.Step>
        <Stepper.Step label={say(wizard.where)}>
          <Where {...given} />
        </Stepper.Step>
        <Stepper.Step label={say(wizard.when)}>
          <When {...given} />
        </Stepper.Step>
        <Stepper.Step label={say(wizard.quota)}>
          <HowMany {...given} />
        </Stepper.Step>
        <Stepper.Step label={say(wizard.review)}>
          <Review sketch={sketch} />
        </Stepper.Step>
      </Stepper>
      <Refusal error={saving.error} />
      <Group>
        <Button variant="default" disabled={step === 0} onClick={() => setStep(step - 1)}>
          {say(common.back)}
        </Button>
        {step < last ? (
          <Button onClick={() => setStep(step + 1)}>{say(common.next)}</Button>
        ) : (
          <Button loading={saving.isPending} onClick={() => saving.mutate(undefined)}>
            {say(wizard.create)}
          </Button>
        )}
      </Group>
    </Screen>
  )
}

function Who({
  sketch,
  change,
}: {
  readonly sketch: Sketch
  readonly change: (part: Partial<Sketch>) => void
}) {
  const { say } = useLanguage()
  const { grants } = useSession()
  const [org, setOrg] = useState(grants[0]?.org_code ?? '')
  const facts = useRead<{ items: Fact[] }>('/admin/criteria/facts')
  const segments = useList<Segment>('/admin/segments?limit=100')
  return (
    <>
      <RuleBuilder
        facts={facts.data?.items ?? []}
        segments={segments.items}
        rule={sketch.rule}
        change={(rule) => change({ rule })}
      />
      <TextInput
        mt="sm"
        label={say(wizard.count_scope)}
        value={org}
        inputMode="numeric"
        onChange={({ currentTarget }) => setOrg(currentTarget.value)}
      />
      <RulePreview rule={sketch.rule} org={org} />
    </>
  )
}
