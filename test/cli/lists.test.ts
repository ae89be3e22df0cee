import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { answerOf, symbolon } from '../support/command-line.ts'
import { type Deployment, freshDeployment } from '../support/deployment.ts'
import { engines } from '../support/engines.ts'

const folder = mkdtempSync(join(tmpdir(), 'symbolon-cli-'))
const file = (name: string, ...lines: string[]) => {
  const path = join(folder, name)
  writeFileSync(path, `${lines.join('\n')}\n`)
  return path
}
const tree = file(
  'organisations.csv',
  'code,parent_code,level,name_zh',
  '000000,,national,a',
  '640000,000000,provincial,b',
  '650000,000000,provincial,c',
)
const roster = file(
  'roster.csv',
  'member_no,name,id_number,org_code,joined_on',
  'A0,张三,990101199001010019,640000,2024-03-05',
  'A1,李四,990101199001010027,650000,2024-03-05',
)
const riders = file('riders.csv', '会员号,身份证号', 'A0,', ',990101199001010027', 'A9,')

describe.each(engines)('symbolon lists on %s', (engine) => {
  let d: Deployment
  beforeEach(async () => {
    d = await freshDeployment(engine)
    await run('organisations', 'import', tree)
    await run('members', 'import', roster)
  })
  afterEach(() => d.close())
  const run = (...args: string[]) => symbolon([...args, '--data', d.data], d.env)

  it('makes a list of a file, the counts last, and adds nobody the second time', async () => {
    const first = await run('lists', 'import', riders, '--name', 'riders', '--json')
    expect(first).toMatchObject({ code: 0, err: '' })
    expect(answerOf(first)).toEqual({
      ...{ read: 3, matched: 2, added: 2, unchanged: 0, refused: 1 },
      reasons: { unknown_member: 1 },
    })
    const { list } = JSON.parse(first.out.split('\n')[0] ?? '') as { list: string }
    const again = await run('lists', 'import', riders, '--list', list, '--json')
    expect(answerOf(again)).toMatchObject({ matched: 2, added: 0, unchanged: 2 })
    expect(JSON.parse(again.out.split('\n')[0] ?? '')).toMatchObject({
      ...{ list, used_before: [{ list, list_name: 'riders' }] },
    })
  })

  it('finds members of the list’s organisation only, and says who was not found', async () => {
    const errors = join(folder, `errors-${engine}.csv`)
    const given = ['--name', 'riders', '--org', '640000', '--errors', errors]
    const { code, out } = await run('lists', 'import', riders, ...given)
    expect(code).toBe(0)
    expect(out).toMatch(/^list \S+\nread 3\nmatched 1\nadded 1\nunchanged 0\nrefused 2\n/)
    const lines = readFileSync(errors, 'utf8').trim().split('\r\n')
    expect(lines.slice(1).map((line) => line.split(',').slice(0, 4))).toEqual([
      ['3', '身份证号', '990*************27', 'unknown_member'],
      ['4', '会员号', 'A9', 'unknown_member'],
    ])
  })

  it('answers 1 for what was refused, 2 for a command it does not know', async () => {
    const hello = file('hello.csv', 'hello')
    const bad = await run('lists', 'import', hello, '--name', 'x')
    expect(bad).toMatchObject({ code: 1, out: '' })
    expect(bad.err).toContain('HEADERS_UNKNOWN')
    expect(await run('lists', 'import', riders, '--list', 'none')).toMatchObject({ code: 1 })
    const nowhere = ['--name', 'x', '--org', '999999']
    expect(await run('lists', 'import', riders, ...nowhere)).toMatchObject({ code: 1 })
    expect(await run('lists', 'import', riders)).toMatchObject({ code: 2 })
    expect(await run('lists', 'export', riders, '--name', 'x')).toMatchObject({ code: 2 })
  })
})
