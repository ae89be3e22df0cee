import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { Agent, request } from 'node:http'

import { systemClock } from '../../src/base/clock.ts'
import { signedRequest } from '../../src/cli/demo/agent.ts'
import {
  codeText,
  encodeVoucherCode,
  signedOctets,
  stepAt,
} from '../../src/formats/voucher-code.ts'
import { quantile } from './database.ts'
import type { redeemGround } from './redeem-ground.ts'

const clients = 64
/** Redemptions by each client in one run. */
export const perRound = 20
const path = '/api/v1/redemptions'

/** A server of the benchmark, in a process of its own. */
export interface Running {
  readonly child: ChildProcess
  readonly port: number
}

/** Starts `redeem-server.ts`; `given` says what it serves. */
export async function start(kind: string, given: Record<string, string>): Promise<Running> {
  const child = fork(new URL('redeem-server.ts', import.meta.url), { stdio: 'inherit' })
  child.send({ kind, ...given })
  await once(child, 'message')
  return { child, port: Number(given.port) }
}

/** Ends it. */
export async function stop({ child }: Running): Promise<void> {
  const gone = once(child, 'exit')
  child.disconnect()
  await gone
}

/** Its resident memory, octets. */
export async function memoryOf(child: ChildProcess): Promise<number> {
  child.send({ kind: 'rss' })
  const [{ rss }] = (await once(child, 'message')) as [{ rss: number }]
  return rss
}

/** A request that is signed and not sent yet. */
export type Signed = ReturnType<typeof signedRequest>
type Ground = Awaited<ReturnType<typeof redeemGround>>

/** Signs requests beforehand: a client's work must not slow the server's run. */
export function makeWork({ devices, deviceKeys, terminals }: Ground) {
  let used = 0
  const sign = (port: number, from: number): Signed[][] => {
    const server = { url: `http://localhost:${port}`, clock: systemClock }
    return terminals.map((terminal, client) =>
      Array.from({ length: perRound }, (_, i) => {
        const device = devices[client]
        const key = deviceKeys[client]
        const voucher = device?.vouchers[(from + i) % (device.vouchers.length || 1)]
        if (!device || !key || !voucher) throw new TypeError('no voucher')
        const content = { node: 64, voucher, keyTag: device.tag, step: stepAt(systemClock()) }
        const code = codeText(encodeVoucherCode(content, key.sign(signedOctets(content))))
        const who = { terminalId: terminal.id, key: terminal.key }
        return signedRequest(server, who, 'POST', path, { code })
      }),
    )
  }
  return {
    next(port: number) {
      used += perRound
      return sign(port, used - perRound)
    },
    again: (port: number) => sign(port, used - perRound),
  }
}

/** What a run came to: redemptions a second, and milliseconds for one. */
export interface Run {
  readonly rate: number
  readonly p50: number
  readonly p99: number
}

/** Every client sends its requests one after the other over a connection of its own. */
export async function fire({ port }: Running, work: Signed[][]): Promise<Run> {
  const agent = new Agent({ keepAlive: true, maxSockets: clients })
  const times: number[] = []
  const refused = new Map<string, number>()
  const begun = performance.now()
  await Promise.all(
    work.map(async (mine) => {
      for (const one of mine) {
        const at = performance.now()
        const { status, text } = await send(agent, port, one)
        times.push(performance.now() - at)
        if (status !== 201) refused.set(text, (refused.get(text) ?? 0) + 1)
      }
    }),
  )
  const seconds = (performance.now() - begun) / 1000
  agent.destroy()
  if (refused.size > 0) process.stderr.write(`${[...refused.keys()][0]?.slice(0, 200)}\n`)
  return { rate: times.length / seconds, p50: quantile(times, 0.5), p99: quantile(times, 0.99) }
}

/** Sends one. */
export function send(agent: Agent, port: number, { method, headers, body }: Signed) {
  return new Promise<{ status: number; text: string }>((resolve, reject) => {
    const type = { 'content-type': 'application/json' }
    const options = {
      agent,
      host: '127.0.0.1',
      port,
      path,
      method,
      headers: { ...type, ...headers },
    }
    const sent = request(options, (answer) => {
      let text = ''
      answer.setEncoding('utf8')
      answer.on('data', (part: string) => {
        text += part
      })
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, text }))
    })
    sent.once('error', reject)
    sent.end(body)
  })
}
