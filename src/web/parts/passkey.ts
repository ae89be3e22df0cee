import {
  type PublicKeyCredentialCreationOptionsJSON as CreationOptions,
  type PublicKeyCredentialRequestOptionsJSON as RequestOptions,
  startAuthentication,
  startRegistration,
} from '@simplewebauthn/browser'

import { askMember, askWithKey, type Enrolment, keepEnrolment } from './member-api.ts'

/** Whoever was asked for the passkey said no, or had none. */
export class NotShown extends Error {}

/** Makes a passkey for the member whose phone this is. Throws Refused, NotShown. */
export async function addPasskey(name: string): Promise<void> {
  const optionsJSON = await askMember<CreationOptions>('GET', '/me/passkeys/options')
  const response = await startRegistration({ optionsJSON }).catch(notShown)
  await askMember('POST', '/me/passkeys', { name, response })
}

/** Makes this browser the member's by a passkey of theirs. Throws Refused, NotShown. */
export async function enterByPasskey(name: string): Promise<void> {
  const optionsJSON = await askWithKey<RequestOptions>('POST', '/devices/passkey-options', {})
  const response = await startAuthentication({ optionsJSON }).catch(notShown)
  const given = { name, response }
  await keepEnrolment(await askWithKey<Enrolment>('POST', '/devices/by-passkey', given))
}

function notShown(cause: unknown): never {
  throw new NotShown('no passkey was shown', { cause })
}
