import { Anchor, Loader, SimpleGrid, Stack, Title } from '@mantine/core'
import { useParams } from 'wouter'

import { useLanguage } from '../../parts/language.tsx'
import { dayText, timeText } from '../../parts/times.ts'
import { type Page, useRead } from '../desk-api.ts'
import { Facts } from '../parts/facts.tsx'
import { Rows } from '../parts/listing.tsx'
import { OrgName } from '../parts/org-name.tsx'
import { Refusal } from '../parts/refusal.tsx'
import { Screen } from '../parts/screen.tsx'
import { State } from '../parts/state.tsx'
import { usePermission } from '../session/session.ts'
import { words as common, occupationNames, standingNames } from '../words.ts'
import { MemberActs } from './acts.tsx'
import type {
  CredentialRecord,
  DeviceRecord,
  MemberRecord,
  MembershipRecord,
  VoucherRecord,
} from './member-record.ts'
import { credentialStateNames, voucherStateNames, words } from './words.ts'

/** One member: the card, devices, credentials, vouchers, organisations, and what can be done. */
export default function Member() {
  const { say } = useLanguage()
  const { id = '' } = useParams<{ id: string }>()
  const may = usePermission()
  const { data, error } = useRead<MemberRecord>(`/admin/members/${id}`)
  if (error) return <Refusal error={error} />
  if (!data) return <Loader aria-label={say(common.loading)} />
  const occupation = data.occupation && occupationNames[data.occupation]
  return (
    <Screen title={data.name}>
      <SimpleGrid cols={{ base: 1, md: 2 }}>
        <Facts
          facts={[
            [say(words.member_no), data.member_no],
            [say(common.organisation), <OrgName key="org" code={data.org_code} />],
            [say(common.state), <State key="state" state={data.standing} names={standingNames} />],
            [say(words.occupation), occupation ? say(occupation) : (data.occupation ?? '—')],
            [say(words.joined_on), data.joined_on ?? '—'],
            [say(words.mobile), say(data.has_mobile ? words.has_mobile : words.no_mobile)],
          ]}
        />
        {may('members.write') && <MemberActs member={data} />}
      </SimpleGrid>
      <Devices id={id} />
      <Credentials id={id} />
      {may('vouchers.read') && <Vouchers id={id} />}
      <Memberships id={id} />
    </Screen>
  )
}

function Devices({ id }: { readonly id: string }) {
  const { say, language } = useLanguage()
  const { data } = useRead<{ items: DeviceRecord[] }>(`/admin/members/${id}/devices`)
  return (
    <Part title={say(words.devices)}>
      <Rows
        rows={data?.items ?? []}
        keyOf={(device) => device.id}
        caption={say(words.devices)}
        columns={[
          { head: say(words.name), cell: ({ name }) => name },
          { head: say(words.enrolled_at), cell: (one) => timeText(one.enrolled_at, language) },
          {
            head: say(common.state),
            cell: ({ revoked_at: at }) =>
              at === undefined
                ? say(words.in_use)
                : say(words.revoked_at, { time: timeText(at, language) }),
          },
        ]}
      />
    </Part>
  )
}

function Credentials({ id }: { readonly id: string }) {
  const { say, language } = useLanguage()
  const { data } = useRead<{ items: CredentialRecord[] }>(`/admin/members/${id}/credentials`)
  return (
    <Part title={say(words.credentials)}>
      <Rows
        rows={data?.items ?? []}
        keyOf={(credential) => credential.id}
        caption={say(words.credentials)}
        columns={[
          { head: say(words.issued_at), cell: (one) => timeText(one.issued_at, language) },
          { head: say(words.expires_at), cell: (one) => dayText(one.expires_at, language) },
          {
            head: say(common.state),
            cell: ({ status }) => <State state={status} names={credentialStateNames} />,
          },
        ]}
      />
    </Part>
  )
}

function Vouchers({ id }: { readonly id: string }) {
  const { say, language } = useLanguage()
  const { data } = useRead<Page<VoucherRecord>>(`/admin/members/${id}/vouchers?limit=200`)
  return (
    <Part title={say(words.vouchers)}>
      <Rows
        rows={data?.items ?? []}
        keyOf={(voucher) => voucher.id}
        caption={say(words.vouchers)}
        columns={[
          {
            head: say(common.name),
            cell: ({ id: voucher, name_zh, name_en }) => (
              <Anchor href={`#/vouchers/${voucher}`}>
                {language === 'zh' ? name_zh : name_en}
              </Anchor>
            ),
          },
          {
            head: say(common.state),
            cell: ({ state }) => <State state={state} names={voucherStateNames} />,
          },
          { head: say(words.valid_to), cell: (one) => dayText(one.valid_to, language) },
        ]}
      />
    </Part>
  )
}

function Memberships({ id }: { readonly id: string }) {
  const { say } = useLanguage()
  const { data } = useRead<{ items: MembershipRecord[] }>(`/admin/members/${id}/memberships`)
  return (
    <Part title={say(words.memberships)}>
      <Rows
        rows={data?.items ?? []}
        keyOf={(one) => `${one.org_code} ${one.from}`}
        caption={say(words.memberships)}
        columns={[
          { head: say(common.organisation_code), cell: (one) => one.org_code },
          { head: say(words.from), cell: (one) => one.from ?? '—' },
          { head: say(words.until), cell: (one) => one.until ?? '—' },
        ]}
      />
    </Part>
  )
}

function Part({ title, children }: { readonly title: string; readonly children: React.ReactNode }) {
  return (
    <Stack gap="xs">
      <Title order={2} size="h4">
        {title}
      </Title>
      {children}
    </Stack>
  )
}
