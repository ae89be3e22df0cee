import { createHmac } from 'node:crypto'

import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { minute, second } from '../../src/base/clock.ts'
import { must } from '../../src/cli/demo/desk.ts'
import { newEs256Key } from '../../src/keys/sign-jws.ts'
import { type Desk, desk, type Phone, phone, type Till, till } from '../support/union.ts'
import { type Ground, openGround } from './ground.ts'
import { at, borne, bound, doors, plain, send, signed, type Wire } from './proofs.ts'

describe('the doors', () => {
  let ground: Ground
  let auditor: Desk
  beforeAll(async () => {
    ground = await openGround('sqlite')
    auditor = await desk(ground.server, { role: 'auditor' })
  })
  afterAll(() => ground.server.close())

  const refusal = async (wire: Wire) => {
    const { status, body } = await send(ground.server, wire)
    return [status, body.code]
  }
  const lists = (name: string) => plain('POST', '/admin/lists', { name, org_code: '640104' })
  const base64 = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')

  describe('take only the proof of their own audience', () => {
    const audiences = ['admin', 'auditor', 'member', 'merchant'] as const
    const proofs = {
      none: (wire: Wire) => wire,
      admin: (wire: Wire) => borne(wire, ground.maker.token),
      auditor: (wire: Wire) => borne(wire, auditor.token),
      member: (wire: Wire) => bound(ground.server, wire, ground.member),
      merchant: ({ method, path, body }: Wire) => {
        const short = path.replace('/api/v1', '')
        const given = body === undefined ? undefined : (JSON.parse(body) as object)
        return signed(ground.server, ground.till, method, short, given)
      },
      'a token of a device as bearer': (wire: Wire) => borne(wire, ground.member.token),
      'a token of a client with DPoP': (wire: Wire) =>
        bound(ground.server, wire, { token: ground.maker.token, key: ground.member.key }),
      'a token that is none': (wire: Wire) => borne(wire, 'x'.repeat(40)),
    }
    const fits = (audience: string, proof: string) =>
      audience === proof || (audience === 'auditor' && proof === 'admin')

    for (const audience of audiences) {
      for (const [name, prove] of Object.entries(proofs)) {
        if (fits(audience, name)) continue
        const staff = audience === 'admin' && name === 'auditor'
        it(`${audience}: refuses ${name}`, async () => {
          for (const wire of doors(ground)[audience]) {
            const { status, body, headers } = await send(ground.server, prove(wire))
            if (staff) {
              // A program of the union's, with another role: it may read what its role reads.
              expect([200, 400, 403]).toContain(status)
              continue
            }
            expect([status, body.code]).toEqual([401, 'AUTH_REQUIRED'])
            expect(headers.get('www-authenticate')).toBe('DPoP, Bearer')
          }
        })
      }
    }

    it('and let in whoever has it', async () => {
      const { admin, member, merchant } = doors(ground)
      expect((await send(ground.server, proofs.admin(admin[0]!))).status).toBe(200)
      expect((await send(ground.server, proofs.auditor(doors(ground).auditor[0]!))).status).toBe(
        200,
      )
      expect((await send(ground.server, proofs.member(member[0]!))).status).toBe(200)
      expect((await send(ground.server, proofs.merchant(merchant[0]!))).status).toBe(200)
      expect(await refusal(borne(lists('x'), auditor.token))).toEqual([403, 'FORBIDDEN'])
    })
  })

  describe('look at tokens', () => {
    it('refuses one that is not ours: no algorithm, another key, another algorithm, altered', async () => {
      const [head = '', body = '', tail = ''] = ground.maker.token.split('.')
      const claims = JSON.parse(Buffer.from(body, 'base64url').toString()) as object
      const none = `${base64({ alg: 'none', typ: 'at+jwt' })}.${body}.`
      const guess = `${base64({ alg: 'HS256', typ: 'at+jwt' })}.${body}`
      const hmac = createHmac('sha256', 'secret').update(guess).digest('base64url')
      const wide = `${head}.${base64({ ...claims, knd: 'device' })}.${tail}`
      for (const token of [none, `${guess}.${hmac}`, wide, `${head}.${body}.${tail.slice(1)}A`]) {
        expect(await refusal(borne(lists('x'), token))).toEqual([401, 'AUTH_REQUIRED'])
      }
    })

    it('refuses one in the address, and an expired one after ten minutes', async () => {
      const { server, maker } = ground
      for (const name of ['access_token', 'token', 'authorization']) {
        const path = `/admin/benefits?${name}=${maker.token}`
        expect(await refusal(plain('GET', path))).toEqual([401, 'AUTH_REQUIRED'])
      }
      const old = server.now
      server.now += 10 * minute
      const late = await send(server, borne(lists('x'), maker.token))
      expect(late).toMatchObject({ status: 401, body: { code: 'AUTH_REQUIRED', expired: true } })
      const phoned = bound(server, plain('GET', '/me/rights'), ground.member)
      expect(await refusal(phoned)).toEqual([401, 'AUTH_REQUIRED'])
      server.now = old
    })
  })

  describe('look at DPoP proofs', () => {
    const rights = () => plain('GET', '/me/rights')
    const proved = (given: Parameters<typeof bound>[3]) =>
      bound(ground.server, rights(), ground.member, given)

    it('takes one 59 seconds old or early, refuses one of 61 and tells the time', async () => {
      const { server, member } = ground
      for (const seconds of [-59, 59]) {
        const wire = bound(at(server, seconds * second), rights(), member)
        expect((await send(server, wire)).status).toBe(200)
      }
      for (const seconds of [-61, 61]) {
        const wire = bound(at(server, seconds * second), rights(), member)
        const { status, body } = await send(server, wire)
        expect([status, body.code, body.server_time]).toEqual([401, 'PROOF_INVALID', server.now])
      }
    })

    it('refuses another key, method, address or token', async () => {
      const { server, member } = ground
      const thief = { token: member.token, key: newEs256Key() }
      const wrong = [
        bound(server, rights(), thief),
        proved({ method: 'POST' }),
        proved({ path: '/api/v1/me/vouchers' }),
        proved({ ath: 'another' }),
        bound({ ...at(server, 0), url: 'http://elsewhere' }, rights(), member),
      ]
      for (const wire of wrong) expect(await refusal(wire)).toEqual([401, 'PROOF_INVALID'])
    })

    it('refuses no algorithm, a shared secret, another type, and what is no proof', async () => {
      const good = proved({})
      const [head = '', body = '', tail = ''] = good.headers.dpop?.split('.') ?? []
      const header = JSON.parse(Buffer.from(head, 'base64url').toString()) as object
      const wrong = [
        `${base64({ ...header, alg: 'none' })}.${body}.`,
        `${base64({ ...header, alg: 'HS256' })}.${body}.${tail}`,
        `${base64({ ...header, typ: 'JWT' })}.${body}.${tail}`,
        `${head}.${body}.${tail.slice(1)}A`,
        `${head}.${body}`,
        'x',
        'x'.repeat(9000),
      ]
      for (const dpop of wrong) {
        const wire = { ...good, headers: { ...good.headers, dpop } }
        expect(await refusal(wire)).toEqual([401, 'PROOF_INVALID'])
      }
    })

    it('takes a proof of a write once', async () => {
      const wire = bound(ground.server, doors(ground).member[1]!, ground.member)
      expect(await refusal(wire)).toEqual([404, 'NOT_FOUND'])
      expect(await refusal(wire)).toEqual([401, 'PROOF_REPLAYED'])
    })
  })

  describe('look at message signatures', () => {
    const shown = { code: 'SY1:NONE' }
    const prepare = () => signed(ground.server, ground.till, 'POST', '/redemptions/prepare', shown)

    it('takes one 59 seconds old or early, refuses one of 61 and tells the time', async () => {
      const { server } = ground
      for (const seconds of [-59, 59]) {
        const wire = signed(at(server, seconds * second), ground.till, 'GET', '/terminal/info')
        expect((await send(server, wire)).status).toBe(200)
      }
      for (const seconds of [-61, 61]) {
        const wire = signed(at(server, seconds * second), ground.till, 'GET', '/terminal/info')
        const { status, body } = await send(server, wire)
        expect([status, body.code, body.server_time]).toEqual([401, 'PROOF_INVALID', server.now])
      }
    })

    it('refuses another key, method, address, body or key of idempotency', async () => {
      const { server } = ground
      const good = prepare()
      const wrong: Wire[] = [
        signed(
          server,
          { ...ground.till, key: newEs256Key() },
          'POST',
          '/redemptions/prepare',
          shown,
        ),
        signed(server, { ...ground.till, terminalId: 'none' }, 'GET', '/terminal/info'),
        signed({ ...at(server, 0), url: 'http://elsewhere' }, ground.till, 'GET', '/terminal/info'),
        { ...good, path: '/api/v1/redemptions' },
        { ...good, body: '{"code":"SY1:OTHER"}' },
        { ...good, headers: { ...good.headers, 'idempotency-key': crypto.randomUUID() } },
        { ...signed(server, ground.till, 'GET', '/terminal/info'), method: 'POST' },
        { ...prepare(), path: `${good.path}?x=1` },
      ]
      for (const wire of wrong) {
        const [status, code] = await refusal(wire)
        expect([wire.path, status, code]).not.toContain('AUTH_REQUIRED')
        expect([401, 404]).toContain(status)
        if (status === 401) expect(code).toBe('PROOF_INVALID')
      }
    })

    it.each(['@method', '@target-uri', 'content-digest', 'idempotency-key'])(
      'refuses one that does not cover %s',
      async (component) => {
        const wire = prepare()
        const input = wire.headers['signature-input']!.replace(new RegExp(` ?"${component}"`), '')
        const headers = { ...wire.headers, 'signature-input': input.replace('( ', '(') }
        expect(await refusal({ ...wire, headers })).toEqual([401, 'PROOF_INVALID'])
      },
    )

    it('takes one of a write once', async () => {
      const wire = prepare()
      expect(await refusal(wire)).toEqual([400, 'TOKEN_MALFORMED'])
      expect(await refusal(wire)).toEqual([401, 'PROOF_REPLAYED'])
    })
  })

  describe('end with what they open for', () => {
    it('a device: revoked by its member, or for them by the desk', async () => {
      const { server, maker, people } = ground
      const lost: Phone = await phone(server, maker.ask, people[1]!.memberNo)
      expect((await lost.ask('GET', '/me/rights')).status).toBe(200)
      await must(maker.ask('POST', `/admin/members/${lost.memberId}/devices/revoke`, {}))
      expect((await lost.ask('GET', '/me/rights')).body.code).toBe('AUTH_REQUIRED')
      expect((await lost.ask('POST', '/me/vouchers/x/claim', {})).body.code).toBe('AUTH_REQUIRED')
      const own: Phone = await phone(server, maker.ask, people[1]!.memberNo)
      await must(own.ask('DELETE', `/me/devices/${own.device.device_id}`))
      expect((await own.ask('GET', '/me/devices')).body.code).toBe('AUTH_REQUIRED')
    })

    it('a terminal', async () => {
      const { server, maker, shop } = ground
      const gone: Till = await till(server, maker.ask, shop.storeId)
      await must(maker.ask('POST', `/admin/terminals/${gone.terminalId}/revoke`, {}))
      for (const [method, path] of [
        ['GET', '/terminal/info'],
        ['POST', '/redemptions'],
      ] as const) {
        const { status, body } = await gone.ask(method, path, {})
        expect([status, body.code]).toEqual([401, 'TERMINAL_REVOKED'])
      }
    })

    it('a client, whose token and whose next one end at once', async () => {
      const gone = await desk(ground.server)
      await must(ground.maker.ask('DELETE', `/admin/principals/${gone.clientId}`))
      expect((await gone.ask('GET', '/admin/benefits')).body.code).toBe('AUTH_REQUIRED')
      await expect(gone.signIn()).rejects.toThrow('invalid_client')
    })
  })
})
