import type { CDPSession, Page } from 'playwright-core'

const options = {
  protocol: 'ctap2',
  transport: 'internal',
  hasResidentKey: true,
  hasUserVerification: true,
  isUserVerified: true,
  automaticPresenceSimulation: true,
} as const

/** A phone's own authenticator, made by Chromium; its holder always says yes. */
export async function virtualAuthenticator(page: Page) {
  const session: CDPSession = await page.context().newCDPSession(page)
  await session.send('WebAuthn.enable', {})
  const added = await session.send('WebAuthn.addVirtualAuthenticator', { options })
  const { authenticatorId } = added
  return {
    /** The passkeys in it. */
    async passkeys() {
      return (await session.send('WebAuthn.getCredentials', { authenticatorId })).credentials
    },
    /** Brings passkeys over from another: what their owner's account does between phones. */
    async take(credentials: Awaited<ReturnType<typeof this.passkeys>>) {
      for (const credential of credentials) {
        await session.send('WebAuthn.addCredential', { authenticatorId, credential })
      }
    },
    /** Whether its holder proves who they are when asked. */
    async verifies(isUserVerified: boolean) {
      await session.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified })
    },
  }
}
