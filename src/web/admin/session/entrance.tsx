import { Alert, Button, Center, Group, Loader, Paper, Stack, Text, Title } from '@mantine/core'
import { type ReactNode, useEffect, useState } from 'react'
import { useLocation, useRoute } from 'wouter'

import { Refused } from '../../parts/ask.ts'
import { LanguageSwitch, useLanguage, type Words } from '../../parts/language.tsx'
import { askDesk } from '../ask-desk.ts'
import { queries, useRead } from '../desk-api.ts'
import { Refusal } from '../parts/refusal.tsx'
import { type Invitation, openInvitation, signIn, takeUp, wasDismissed } from './passkey.ts'
import { type Session, SessionContext } from './session.ts'
import { words } from './words.ts'

/** The door: nobody gets past it without a passkey; an invitation is taken up here. */
export function Entrance({
  title,
  children,
}: {
  readonly title: Words
  readonly children: (session: Session, leave: () => void) => ReactNode
}) {
  const { say } = useLanguage()
  const [invited, params] = useRoute('/invitation/:token')
  const { data, error, isPending } = useRead<Session>(invited ? undefined : '/admin/session')
  useEffect(() => {
    document.title = say(title)
  })
  if (invited) return <TakeUp title={title} token={params.token} />
  if (data && !error) {
    const leave = async () => {
      await askDesk('POST', '/admin/session/end', {}).catch(() => undefined)
      queries.clear()
      location.reload()
    }
    return (
      <SessionContext.Provider value={data}>
        {children(data, () => void leave())}
      </SessionContext.Provider>
    )
  }
  if (isPending) {
    return (
      <Center mih="100vh">
        <Loader />
      </Center>
    )
  }
  const out = error instanceof Refused && error.code === 'AUTH_REQUIRED'
  return <SignIn title={title} error={out ? undefined : error} />
}

function SignIn({ title, error }: { readonly title: Words; readonly error: unknown }) {
  const { say } = useLanguage()
  const [failed, setFailed] = useState<unknown>(error)
  const [busy, setBusy] = useState(false)
  const enter = async () => {
    setBusy(true)
    setFailed(undefined)
    try {
      await signIn()
      await queries.invalidateQueries()
    } catch (refused) {
      setFailed(refused)
    } finally {
      setBusy(false)
    }
  }
  return (
    <Door title={say(title)} lead={say(words.lead)}>
      {'PublicKeyCredential' in globalThis ? (
        <Button size="lg" loading={busy} onClick={() => void enter()}>
          {say(words.sign_in)}
        </Button>
      ) : (
        <Alert color="red">{say(words.unsupported)}</Alert>
      )}
      <Failure error={failed} />
      <Text size="sm" c="dimmed">
        {say(words.no_passkey)}
      </Text>
    </Door>
  )
}

function TakeUp({ title, token }: { readonly title: Words; readonly token: string }) {
  const { say } = useLanguage()
  const [, go] = useLocation()
  const [invitation, setInvitation] = useState<Invitation>()
  const [failed, setFailed] = useState<unknown>()
  useEffect(() => {
    openInvitation(token).then(setInvitation, setFailed)
  }, [token])
  const make = async () => {
    setFailed(undefined)
    try {
      // Options are good for one try.
      await takeUp(token, invitation ?? (await openInvitation(token)))
      await queries.invalidateQueries()
      go('/', { replace: true })
    } catch (refused) {
      setFailed(refused)
      setInvitation(await openInvitation(token).catch(() => undefined))
    }
  }
  if (!invitation) {
    return (
      <Door title={say(title)} lead={failed ? '' : say(words.opening)}>
        <Failure error={failed} />
      </Door>
    )
  }
  return (
    <Door title={say(words.welcome, { name: invitation.name })} lead={say(words.make_lead)}>
      <Button size="lg" onClick={() => void make()}>
        {say(words.make)}
      </Button>
      <Failure error={failed} />
    </Door>
  )
}

function Failure({ error }: { readonly error: unknown }) {
  const { say } = useLanguage()
  if (!error) return null
  if (wasDismissed(error)) return <Alert role="alert">{say(words.dismissed)}</Alert>
  return <Refusal error={error} />
}

function Door({
  title,
  lead,
  children,
}: {
  readonly title: string
  readonly lead: string
  readonly children: ReactNode
}) {
  return (
    <Center mih="100vh" p="md" component="main">
      <Paper withBorder shadow="sm" p="xl" maw={440} w="100%">
        <Stack>
          <Group justify="space-between">
            <Title order={1} size="h2">
              {title}
            </Title>
            <LanguageSwitch />
          </Group>
          {lead && <Text>{lead}</Text>}
          {children}
        </Stack>
      </Paper>
    </Center>
  )
}
