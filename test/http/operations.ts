import type { SigningKey } from '../../src/cli/demo/agent.ts'
import { must } from '../../src/cli/demo/desk.ts'
import { newEs256Key } from '../../src/keys/sign-jws.ts'
import { benefit, claim, counties, desk, phone, till } from '../support/union.ts'
import { type AskingNode, placeElsewhere } from './asking-node.ts'
import { type Ground, submittedBatch } from './ground.ts'
import { borne, bound, send, signed, type Wire } from './proofs.ts'
import type { JsonSchema } from './schema-arbitrary.ts'

/** An operation of the API document, as far as requests are made from it. */
export interface Operation {
  readonly method: string
  readonly path: string
  readonly tag: string
  readonly query: Record<string, JsonSchema>
  readonly params: Record<string, JsonSchema>
  readonly body: JsonSchema | undefined
}
/** Gives a request a proof, good or bad. */
export type Prover = (wire: Wire) => Wire

/** Every operation of the document but the one that ends with a stream of its own. */
export async function operationsOf({ server }: Ground): Promise<Operation[]> {
  const document = (await (await fetch(`${server.url}/openapi.json`)).json()) as {
    paths: Record<string, Record<string, never>>
  }
  type Described = {
    tags: string[]
    parameters?: { in: string; name: string; schema: JsonSchema }[]
    requestBody?: { content: Record<string, { schema: JsonSchema }> }
  }
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, described]) => {
      const { tags, parameters = [], requestBody } = described as Described
      const named = (where: string) =>
        Object.fromEntries(
          parameters.filter((one) => one.in === where).map(({ name, schema }) => [name, schema]),
        )
      return {
        ...{ method: method.toUpperCase(), path, tag: tags[0] ?? '' },
        ...{ query: named('query'), params: named('path') },
        body: Object.values(requestBody?.content ?? {})[0]?.schema,
      }
    }),
  )
}

/** Good proofs of every audience, made for the request; and bad ones. */
export async function proversOf(
  { server, maker, member, till: counter }: Ground,
  { key: nodeKey, keyId }: AskingNode,
) {
  const auditor = await desk(server, { role: 'auditor' })
  const integrator = await desk(server, { role: 'verifier' })
  const short = (path: string) => path.replace('/api/v1', '')
  const by =
    (key: SigningKey = counter.key, terminalId = counter.terminalId): Prover =>
    (wire) => {
      const { method, path, body = '' } = wire
      // The signer takes a body as an object: what is none goes out under a signature for {}.
      const given = objectOf(body)
      const made = signed(server, { terminalId, key }, method, short(path), given)
      return { ...made, path, ...(given === undefined && body !== '' && { body }) }
    }
  const provers: Record<string, Prover> = {
    admin: (wire) => borne(wire, maker.token),
    auditor: (wire) => borne(wire, auditor.token),
    integrator: (wire) => borne(wire, integrator.token),
    member: (wire) => bound(server, wire, member),
    merchant: by(),
    node: by(nodeKey, keyId),
    public: (wire) => wire,
    wallet: (wire) => wire,
    forgedToken: (wire) => borne(wire, `${maker.token.slice(0, -2)}AA`),
    forgedProof: (wire) => bound(server, wire, { token: member.token, key: newEs256Key() }),
    forgedSignature: by(newEs256Key()),
    forgedNode: by(newEs256Key(), keyId),
    strangeTerminal: by(newEs256Key(), "x' or 1=1"),
    rubbish: (wire) => ({
      ...wire,
      headers: {
        ...wire.headers,
        authorization: 'DPoP ey.ey.ey',
        dpop: 'ey..',
        'signature-input': 'sig1=("@method");created=1;keyid="";nonce=""',
        signature: 'sig1=:AA==:',
      },
    }),
  }
  return provers
}

function objectOf(body: string): object | undefined {
  try {
    const value: unknown = JSON.parse(body)
    return typeof value === 'object' && value !== null ? value : undefined
  } catch {
    return undefined
  }
}

/** What there is, by the segment of a path that it stands behind; nothing that ends the provers. */
export async function knownOf(ground: Ground, asking: AskingNode): Promise<Record<string, string>> {
  const { server, maker, people, benefitId, programmeId, shop, member, till: counter } = ground
  const other = await phone(server, maker.ask, people[1]!.memberNo)
  const issued = await benefit(maker.ask, programmeId, { supply: 'batch', stock: undefined })
  const batch = await submittedBatch(ground, issued)
  const spare = await till(server, maker.ask, shop.storeId)
  const { items } = await must(maker.ask('GET', '/admin/merchants'))
  const list = await must(
    maker.ask('POST', '/admin/lists', { name: 'x', org_code: counties[0] }),
    201,
  )
  const imports = await must(maker.ask('GET', `/admin/imports?org_code=${counties[0]}`))
  const theirs = await claim(other, benefitId)
  const spent = { code: other.code(theirs) }
  const { redemption_id } = await must(counter.ask('POST', '/redemptions', spent), 201)
  const elsewhere = await redeemedElsewhere(ground, asking)
  const staff = await desk(server)
  const confirming = { benefit_id: benefitId }
  const request = await must(counter.ask('POST', '/redemption-requests', confirming), 201)
  const [merchant] = items as unknown as { id: string }[]
  const [imported] = imports.items as unknown as { id: string }[]
  return {
    ...{ vouchers: await claim(member, benefitId), theirs, benefits: issued, rights: benefitId },
    ...{ 'redemption-requests': String(request.id) },
    ...{ programmes: programmeId, batches: batch.id, stores: shop.storeId, lists: String(list.id) },
    ...{ terminals: spare.terminalId, cashiers: spare.cashierId, members: other.memberId },
    ...{ devices: other.device.device_id, merchants: merchant!.id, imports: imported!.id },
    ...{
      ...elsewhere,
      redemptions: String(redemption_id),
      principals: staff.clientId,
      organisations: '640104',
    },
  }
}

/** What another node has redeemed here: its key there, what it is called, and what it told. */
async function redeemedElsewhere({ server, people, maker, benefitId }: Ground, by: AskingNode) {
  const theirs = await phone(server, maker.ask, people[2]!.memberNo)
  const code = theirs.code(await claim(theirs, benefitId))
  const body = { code, request_digest: 'A'.repeat(43), place: placeElsewhere }
  const path = '/node/redemptions'
  const { keyId: terminalId, key: signing } = by
  const wire = signed(server, { terminalId, key: signing }, 'POST', path, body)
  const told = await send(server, wire)
  if (told.status !== 201) throw new Error(`another node was told ${told.body.code}`)
  const id = String(told.body.redemption_id)
  const key = String(wire.headers['idempotency-key'])
  return { 'node/key': key, 'node/redemptions': id, digest: body.request_digest }
}

/** The same for bodies, with codes and numbers. */
export function textsOf({ member, people }: Ground, known: Record<string, string>): string[] {
  const codes = [member.code(known.vouchers!), member.code(known.theirs!), 'SY1:', 'SY1:ABC']
  const { memberNo, mobile, idNumber } = people[1]!
  const numbers = [memberNo, mobile, idNumber, '640104', '640000', '123456789012', '2468']
  return [...Object.values(known), ...codes, ...numbers]
}
