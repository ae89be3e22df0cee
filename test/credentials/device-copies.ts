import { must } from '../../src/cli/demo/desk.ts'
import type { TestServer } from '../support/server.ts'
import type { Phone } from '../support/union.ts'
import { walletAgent } from '../support/wallet-agent.ts'

/** A member's own phone fetches copies of the credential by the public endpoints, for its key. */
export async function fetchCopies(server: TestServer, own: Phone, count = 1) {
  const made = await must(own.ask('POST', '/member/credential-offers', {}), 201)
  const uri = new URL(String(made.credential_offer)).searchParams.get('credential_offer_uri')
  const { grants } = (await (await fetch(uri ?? '')).json()) as {
    grants: Record<string, { 'pre-authorized_code': string }>
  }
  const [[grant_type, grant] = ['', undefined]] = Object.entries(grants)
  const form = { grant_type, 'pre-authorized_code': grant?.['pre-authorized_code'] ?? '' }
  const wallet = walletAgent(server, own.key)
  const told = await wallet.tokens(form)
  return wallet.credentials(String(told.body.access_token), count)
}
