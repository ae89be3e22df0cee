import { existsSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { answerOf, symbolon } from '../support/command-line.ts'
import { engines } from '../support/engines.ts'
import { benefit, issue, members, type Story, tellStory, tick } from '../support/story.ts'

describe.each(engines)('the ledger command on %s', (engine) => {
  let story: Story
  let policy = ''
  const folder = mkdtempSync(join(tmpdir(), 'symbolon-ledger-'))
  const file = (name: string, text: string) => {
    const path = join(folder, name)
    writeFileSync(path, text)
    return path
  }
  const run = (...argv: string[]) => symbolon(['ledger', ...argv, '--json'], story.env)
  const verify = (...argv: string[]) => run('verify', '--policy', policy, ...argv)
  beforeEach(async () => {
    story = await tellStory(engine)
    await issue(story, await benefit(story), await members(story, 2))
    await tick(story)
    const told = await symbolon(['ledger', 'policy', '--data', story.data])
    policy = file('policy', told.out)
  })
  afterEach(() => story.close())

  it('prints a policy, exports, and finds the database and the files good: 0', async () => {
    const printed = answerOf(await run('policy', '--data', story.data))
    expect(printed).toEqual({ policy: `log ${story.logKey.vkey}\nquorum none\n` })
    const before = await verify('--data', story.data)
    expect(before).toMatchObject({ code: 0, err: '' })
    expect(answerOf(before)).toMatchObject({ ok: true, origin: story.logKey.name })
    const log = join(mkdtempSync(join(folder, 'log-')), 'out')
    const exported = await run('export', '--data', story.data, '--to', log)
    expect(exported).toMatchObject({ code: 0, err: '' })
    const { leaves, files } = answerOf(exported)
    expect(leaves).toBe(answerOf(before).leaves)
    expect(files).toBeGreaterThan(1)
    const after = await verify('--dir', log)
    expect({ code: after.code, ...answerOf(after) }).toMatchObject({ code: 0, ok: true, leaves })
  })

  it('finds what somebody changed behind its back: 1', async () => {
    const { vouchers } = story.store.read.tables
    await story.store.transaction((tx) => tx.update(vouchers).set({ state: 'void' }))
    const ran = await verify('--data', story.data)
    expect(ran.code).toBe(1)
    expect(answerOf(ran)).toMatchObject({ ok: false })
  })

  it('cannot say where it cannot look: 2', async () => {
    const nowhere = join(folder, 'nowhere')
    for (const argv of [
      ['verify', '--policy', nowhere, '--data', story.data],
      ['verify', '--policy', file('bad', 'quorum what\n'), '--data', story.data],
      ['verify', '--policy', policy, '--db', `sqlite:${nowhere}.db`],
      ['verify', '--policy', policy, '--dir', nowhere],
      ['verify', '--policy', policy],
      ['export', '--db', `sqlite:${nowhere}.db`, '--to', nowhere],
      ['export', '--data', story.data],
      ['policy', '--data', nowhere],
      ['prune'],
      [],
    ]) {
      expect(await run(...argv), argv.join(' ')).toMatchObject({ code: 2, out: '' })
    }
    expect(existsSync(`${nowhere}.db`) || existsSync(nowhere)).toBe(false)
  })
})
