import { Button, Fieldset, Group, Stepper, TextInput } from '@mantine/core'
import { useEffect, useRef, useState } from 'react'
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
import { type Sketching, What } from './what.tsx'
import { wizard } from './words.ts'

const steps = [
  { name: wizard.what, Part: What },
  { name: wizard.who, Part: Who },
  { name: wizard.where, Part: Where },
  { name: wizard.when, Part: When },
  { name: wizard.quota, Part: HowMany },
  { name: wizard.review, Part: Review },
] as const

/** Writes a benefit step by step: what, who, where, when, how many, and once more at a glance. */
export default function NewBenefit() {
  const { say } = useLanguage()
  const [, go] = useLocation()
  const { id: programmeId = '' } = useParams<{ id: string }>()
  const [step, setStep] = useState(0)
  const [sketch, setSketch] = useState(blank)
  const change = (part: Partial<Sketch>) => setSketch({ ...sketch, ...part })
  const { name, Part } = steps[step] ?? steps[0]
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
  const part = useRef<HTMLFieldSetElement>(null)
  const shown = useRef(step)
  useEffect(() => {
    // The button that led here stands below the fields: who goes on by Tab begins above them.
    if (shown.current !== step) part.current?.focus()
    shown.current = step
  }, [step])
  return (
    <Screen title={say(wizard.title)}>
      <Stepper active={step} onStepClick={setStep} size="sm">
        {steps.map((one) => (
          <Stepper.Step key={one.name.en} label={say(one.name)} />
        ))}
      </Stepper>
      <Fieldset variant="unstyled" ref={part} tabIndex={-1} aria-label={say(name)}>
        <Part sketch={sketch} change={change} />
      </Fieldset>
      <Refusal error={saving.error} />
      <Group>
        <Button variant="default" disabled={step === 0} onClick={() => setStep(step - 1)}>
          {say(common.back)}
        </Button>
        {step < steps.length - 1 ? (
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

function Who({ sketch, change }: Sketching) {
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
