import type { Reply } from '../../src/cli/demo/agent.ts'
import type { Role } from '../../src/identity/roles.ts'
import { inviteStaff } from '../../src/identity/staff.ts'
import { Authenticator } from './authenticator.ts'
import type { TestServer } from './server.ts'

/** A browser's page of the desk: it keeps a cookie and says where it is. */
export function deskPage(server: TestServer) {
  const { origin } = new URL(server.url)
  const page = {
    cookie: '',
    /** The `set-cookie` of the last answer, as it came. */
    given: '',
    async ask(
      method: string,
      path: string,
      body?: object,
      headers: Record<string, string> = {},
    ): Promise<Reply> {
      const answer = await fetch(`${server.url}/api/v1${path}`, {
        method,
        headers: {
          ...(body && { 'content-type': 'application/json' }),
          ...(page.cookie && { cookie: page.cookie }),
          ...(method !== 'GET' && { origin, 'sec-fetch-site': 'same-origin' }),
          ...(method !== 'GET' && { 'idempotency-key': crypto.randomUUID() }),
          ...headers,
        },
        ...(body && { body: JSON.stringify(body) }),
      })
      page.given = answer.headers.get('set-cookie') ?? ''
      if (page.given) page.cookie = page.given.split(';')[0] ?? ''
      const text = await answer.text()
      return { status: answer.status, body: text ? JSON.parse(text) : {}, headers: answer.headers }
    },
  }
  return page
}

export type DeskPage = ReturnType<typeof deskPage>

/** Somebody with a role, registered at the machine and invited; the invitation's token. */
export async function invited(
  { store, deployment, now }: TestServer,
  { name = '王干事', role = 'admin', org = '640000' }: { name?: string; role?: Role; org?: string },
) {
  const grants = [{ role, orgCode: org }]
  return store.transaction((tx) => inviteStaff(tx, deployment.node, { name, grants, now }))
}

/** Somebody of the staff who has taken up their invitation, signed in on a page of theirs. */
export async function staffed(server: TestServer, given: Parameters<typeof invited>[1] = {}) {
  const { token, principalId } = await invited(server, given)
  const page = deskPage(server)
  const authenticator = new Authenticator(server.url)
  const opened = await page.ask('POST', '/staff/invitation', { invitation: token })
  const response = authenticator.create(opened.body.options)
  const made = await page.ask('POST', '/staff/passkeys', { invitation: token, response })
  if (made.status !== 201) throw new Error(JSON.stringify(made.body))
  /** Shows the passkey again, on the page given or on the same one. */
  const signIn = async (on: DeskPage = page) => {
    const options = await on.ask('POST', '/staff/sign-in/options', {})
    return on.ask('POST', '/staff/sign-in', { response: authenticator.get(options.body) })
  }
  return { page, authenticator, principalId, token, signIn, ask: page.ask }
}
