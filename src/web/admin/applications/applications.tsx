import { Button, Group, Stack, Text, Title } from '@mantine/core'
import { type FormEvent, useState } from 'react'

import { useLanguage } from '../../parts/language.tsx'
import { timeText } from '../../parts/times.ts'
import { askDesk } from '../ask-desk.ts'
import { useList, useRead, useWrite } from '../desk-api.ts'
import { DecideForm } from '../parts/decide-form.tsx'
import { Listing } from '../parts/listing.tsx'
import { OrgCode } from '../parts/org-code.tsx'
import { Screen } from '../parts/screen.tsx'
import { State } from '../parts/state.tsx'
import { usePermission, useSession } from '../session/session.ts'
import { AskRelease } from '../transfers/ask-release.tsx'
import { words as common, occupationNames } from '../words.ts'
import { JoinCodes } from './join-codes.tsx'
import { Together } from './together.tsx'
import { applicationStateNames, knownNames, words } from './words.ts'

interface Application {
  readonly id: string
  readonly org_code: string
  readonly state: string
  readonly version: number
  readonly submitted_at: number
  readonly applicant?: {
    readonly name: string
    readonly id_number: string
    readonly mobile?: string
    readonly occupation?: string
  }
}

/** People who want to join: one by one, together by a roster, and the codes they come by. */
export default function Applications() {
  const { say } = useLanguage()
  const may = usePermission()
  const { grants } = useSession()
  const [code, setCode] = useState(grants[0]?.org_code ?? '')
  const [chosen, choose] = useState(code)
  const show = (event: FormEvent) => {
    event.preventDefault()
    choose(code)
  }
  return (
    <Screen title={say(common.applications)}>
      <Group component="form" align="end" onSubmit={show}>
        <OrgCode label={say(words.organisation)} value={code} change={setCode} />
        <Button type="submit" variant="default">
          {say(words.show)}
        </Button>
      </Group>
      {chosen && (
        <>
          <Waiting org={chosen} />
          <JoinCodes org={chosen} />
          {may('members.write') && <Together org={chosen} />}
        </>
      )}
    </Screen>
  )
}

function Waiting({ org }: { readonly org: string }) {
  const { say, language } = useLanguage()
  const may = usePermission()
  const list = useList<Application>(`/admin/applications?org_code=${org}&state=waiting`)
  return (
    <Stack gap="sm">
      <Title order={2} size="h4">
        {say(words.waiting)}
      </Title>
      <Listing
        list={list}
        keyOf={({ id }) => id}
        caption={say(words.waiting)}
        columns={[
          { head: say(words.applicant), cell: ({ applicant }) => applicant?.name ?? '—' },
          {
            head: say(words.identity),
            cell: ({ applicant }) => (
              <>
                <Text size="sm" className="code">
                  {applicant?.id_number}
                </Text>
                <Text size="sm" className="code">
                  {applicant?.mobile}
                </Text>
              </>
            ),
          },
          {
            head: say(words.occupation),
            cell: ({ applicant }) => {
              const name = applicant?.occupation && occupationNames[applicant.occupation]
              return name ? say(name) : '—'
            },
          },
          { head: say(common.organisation_code), cell: (one) => one.org_code },
          { head: say(words.known), cell: ({ id }) => <KnownAs application={id} /> },
          { head: say(words.submitted), cell: (one) => timeText(one.submitted_at, language) },
          {
            head: say(common.state),
            cell: ({ state }) => <State state={state} names={applicationStateNames} />,
          },
          {
            head: say(words.decide),
            cell: (one) => (may('members.write') ? <Decide application={one} /> : null),
          },
        ]}
      />
    </Stack>
  )
}

/** What the node knows of the identity: whoever decides must know it, the applicant is not told. */
function KnownAs({ application }: { readonly application: string }) {
  const { say } = useLanguage()
  const { data } = useRead<{ known_as: string }>(`/admin/applications/${application}`)
  const name = data && knownNames[data.known_as]
  return name ? <Text size="sm">{say(name)}</Text> : null
}

function Decide({ application }: { readonly application: Application }) {
  const { say } = useLanguage()
  const { id, version } = application
  const deciding = useWrite((body: object, key) =>
    askDesk('POST', `/admin/applications/${id}/decisions`, body, key),
  )
  return (
    <>
      <DecideForm
        name={say(words.decide)}
        asks={say(words.reason)}
        choices={[
          { value: 'approve', label: say(words.approve) },
          { value: 'ask', label: say(words.ask) },
          { value: 'reject', label: say(words.reject) },
        ]}
        reasoned={(choice) => choice !== 'approve'}
        busy={deciding.isPending}
        error={deciding.error}
        decide={(decision, reason) =>
          deciding.mutate({ decision, version, ...(reason && { reason }) })
        }
      />
      <AskRelease application={id} error={deciding.error} />
    </>
  )
}
