import {
  type PublicKeyCredentialCreationOptionsJSON,
  type PublicKeyCredentialRequestOptionsJSON,
  startAuthentication,
  startRegistration,
} from '@simplewebauthn/browser'

import { askDesk } from '../ask-desk.ts'

/** An invitation that is open: for whom, and what the authenticator is to make. */
export interface Invitation {
  readonly name: string
  readonly options: object
}

/** Shows a passkey and begins a session. Throws Refused, or the authenticator's own error. */
export async function signIn(): Promise<void> {
  const options = await askDesk<object>('POST', '/staff/sign-in/options', {})
  const optionsJSON = options as PublicKeyCredentialRequestOptionsJSON
  const response = await startAuthentication({ optionsJSON })
  await askDesk('POST', '/staff/sign-in', { response })
}

/** Opens an invitation. Throws Refused ACTIVATION_INVALID. */
export function openInvitation(invitation: string): Promise<Invitation> {
  return askDesk<Invitation>('POST', '/staff/invitation', { invitation })
}

/** Makes a passkey for an invitation and begins a session. */
export async function takeUp(invitation: string, { options }: Invitation): Promise<void> {
  const optionsJSON = options as PublicKeyCredentialCreationOptionsJSON
  const response = await startRegistration({ optionsJSON })
  await askDesk('POST', '/staff/passkeys', { invitation, response })
}

/** Signs with a passkey over a challenge of ours: an approval. */
export function signChallenge(options: object): Promise<object> {
  return startAuthentication({ optionsJSON: options as PublicKeyCredentialRequestOptionsJSON })
}

/** Whether somebody closed the authenticator's window, or waited too long. */
export function wasDismissed(error: unknown): boolean {
  return error instanceof Error && (error.name === 'NotAllowedError' || error.name === 'AbortError')
}
