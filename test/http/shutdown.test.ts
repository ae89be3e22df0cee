import { once } from 'node:events'
import { connect } from 'node:net'

import pino from 'pino'
import { describe, expect, it } from 'vitest'

import { openDeployment, serve } from '../../src/compose.ts'
import { freshDeployment } from '../support/deployment.ts'
import { engines } from '../support/engines.ts'

describe.each(engines)('a server that is told to end, on %s', (engine) => {
  it('answers what has begun, closes kept connections, and takes nothing new', async () => {
    const founded = await freshDeployment(engine)
    const config = {
      databaseUrl: founded.env.DATABASE_URL,
      ...{ port: 0, host: '127.0.0.1', publicUrl: undefined, anchorFile: undefined },
      logLevel: 'silent',
    }
    const opened = await openDeployment({ data: founded.data, config })
    const served = await serve(opened, { config, log: pino({ level: 'silent' }) })
    expect(served.url).toBe(`http://localhost:${served.at}`)
    const kept = talk(served.at)
    kept.say('GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n')
    await kept.hears('"ok"')

    const form = 'grant_type=none'
    const busy = talk(served.at)
    const type = 'Content-Type: application/x-www-form-urlencoded'
    const half = `Host: x\r\n${type}\r\nContent-Length: 15\r\nExpect: 100-continue\r\n\r\n`
    busy.say(`POST /oauth/token HTTP/1.1\r\n${half}`)
    await busy.hears('100 Continue')
    const closing = served.close()
    await kept.ended
    busy.say(form)
    await busy.hears('{"error":"invalid_request"}')
    await closing
    const late = connect(served.at, '127.0.0.1')
    const [error] = (await once(late, 'error')) as [NodeJS.ErrnoException]
    expect(error.code).toBe('ECONNREFUSED')
    await founded.close()
  })
})

/** A connection in plain text. */
function talk(port: number) {
  const socket = connect(port, '127.0.0.1')
  let heard = ''
  socket.on('data', (data) => {
    heard += data.toString('latin1')
  })
  return {
    say: (text: string) => socket.write(text),
    ended: once(socket, 'close'),
    async hears(words: string) {
      while (!heard.includes(words)) await once(socket, 'data')
    },
  }
}
