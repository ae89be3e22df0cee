import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'

import { systemClock } from '../base/clock.ts'
import { type Deployment, openDeployment } from '../compose.ts'
import { readConfig } from '../config.ts'
import { clientIdOf, requestLink } from '../credentials/presentation/request-object.ts'
import {
  createVerification,
  prepareVerification,
  readVerification,
  shownIn,
  type Verification,
  verificationState,
} from '../credentials/presentation/verifications.ts'
import { parseJsonObject } from '../formats/json.ts'
import { drawLink } from './draw-link.ts'
import { type Environment, type Io, UsageError } from './io.ts'

/** What `--help` prints. */
export const usage =
  'usage: symbolon verify --dcql FILE --data DIR [--seconds N] [--dns] [--json]\n'
const askedBy = 'cli'

/**
 * `symbolon verify --dcql FILE`: asks wallets for credentials by the query in the file, prints the
 * request's link, waits, and prints the verified claims. A server of the deployment must be running
 * at PUBLIC_URL (without it, http://localhost at PORT). `--dns` names us by the host instead of the
 * certificate's hash. Answers 0 when something was shown, 1 when it was refused or nobody came, 2
 * for a command nobody understands. Refusal VALIDATION_FAILED for a query that is none.
 */
export async function run(
  argv: readonly string[],
  io: Io,
  env: Environment = process.env,
): Promise<number> {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      data: { type: 'string' },
      dcql: { type: 'string' },
      seconds: { type: 'string', default: '300' },
      dns: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
    },
  })
  const seconds = Number(values.seconds)
  const fits = Number.isInteger(seconds) && seconds >= 1 && seconds <= 900
  if (!values.data || !values.dcql || !fits) {
    io.stderr.write(usage)
    return 2
  }
  const query = readQuery(values.dcql)
  const config = readConfig(env)
  const deployment = await openDeployment({ data: values.data, config })
  try {
    const { store, node, roles } = deployment
    const publicUrl = config.publicUrl ?? `http://localhost:${config.port}`
    const prefix = values.dns ? 'x509_san_dns' : 'x509_hash'
    const clientId = clientIdOf(prefix, roles.current('verifier'), publicUrl)
    const wish = { askedBy, clientId, query, transactionData: [], seconds, now: systemClock() }
    const prepared = await prepareVerification(node, wish)
    await store.transaction((tx) => createVerification(tx, prepared))
    const link = requestLink(publicUrl, prepared)
    const { id, expiresAt } = prepared
    if (!values.json) drawLink(io, link)
    io.stdout.write(
      values.json
        ? `${JSON.stringify({ id, request_uri: link, expires_at: expiresAt })}\n`
        : `${link}\n`,
    )
    return tell(deployment, await ended(deployment, id), { io, json: values.json })
  } finally {
    await deployment.close()
  }
}

function readQuery(file: string) {
  try {
    return parseJsonObject(readFileSync(file))
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw new UsageError(`${file} is not a DCQL query: ${why}`)
  }
}

/** Waits until the verification is answered, refused or over. */
async function ended({ store }: Deployment, id: string): Promise<Verification> {
  for (;;) {
    const found = await readVerification(store.read, { id, askedBy })
    const waits = verificationState(found, systemClock()) === 'pending'
    if (!waits || found.refusals > 0) return found
    await sleep(250)
  }
}

function tell(
  { node }: Deployment,
  verification: Verification,
  { io, json }: { io: Io; json: boolean },
): number {
  const credentials = shownIn(node, verification, undefined)
  const { refused } = verification
  const state = verificationState(verification, systemClock())
  if (json) {
    const why = refused !== null && { refused }
    io.stdout.write(`${JSON.stringify({ state, ...why, ...(credentials && { credentials }) })}\n`)
  } else if (credentials) io.stdout.write(`${JSON.stringify(credentials, null, 2)}\n`)
  else io.stderr.write(`${refused === null ? 'nobody has answered' : `refused: ${refused}`}\n`)
  return credentials ? 0 : 1
}
