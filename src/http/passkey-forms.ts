import { z } from 'zod'

/** Octets as WebAuthn Level 3 sends them in JSON. */
const octets = (max: number) =>
  z
    .string()
    .regex(/^[A-Za-z0-9_-]+$/)
    .max(max)
const id = octets(1400)

const shared = {
  id,
  rawId: id,
  type: z.literal('public-key'),
  authenticatorAttachment: z.enum(['platform', 'cross-platform']).optional(),
  clientExtensionResults: z.object({}).default({}),
}

/** RegistrationResponseJSON (WebAuthn Level 3 section 5.1). */
export const registrationResponse = z.object({
  ...shared,
  response: z.object({
    clientDataJSON: octets(4096),
    attestationObject: octets(65_536),
    transports: z.array(z.string().max(16)).max(8).optional(),
  }),
})

/** AuthenticationResponseJSON (WebAuthn Level 3 section 5.1). */
export const assertionResponse = z.object({
  ...shared,
  response: z.object({
    clientDataJSON: octets(4096),
    authenticatorData: octets(4096),
    signature: octets(4096),
    userHandle: z
      .string()
      .regex(/^[A-Za-z0-9_-]{0,128}$/)
      .nullish()
      .transform((text) => text ?? undefined),
  }),
})

/** PublicKeyCredentialCreationOptionsJSON or -RequestOptionsJSON: for the browser as it is. */
export const ceremonyOptions = z.looseObject({ challenge: z.string() })
