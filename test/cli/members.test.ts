import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { run as runMembers } from '../../src/cli/members.ts'
import { run as runOrganisations } from '../../src/cli/organisations.ts'
import { type Deployment, freshDeployment } from '../support/deployment.ts'
import { engines } from '../support/engines.ts'

const folder = mkdtempSync(join(tmpdir(), 'symbolon-cli-'))
const file = (name: string, ...lines: string[]) => {
  const path = join(folder, name)
  writeFileSync(path, `${lines.join('\n')}\n`)
  return path
}
const organisations = file(
  'organisations.csv',
  'code,parent_code,level,name_zh',
  '000000,,national,a',
  '640000,000000,provincial,b',
  '650000,000000,provincial,c',
  '660000,123456,provincial,d',
)
const roster = file(
  'roster.csv',
  'name,id_number,org_code,joined_on',
  '张三,990101199001010019,640000,2024-03-05',
  '李四,990101199001010027,650000,2024-03-05',
  '王五,990101199001010036,640000,2024-03-05',
)

describe.each(engines)('the command line on %s', (engine) => {
  let d: Deployment
  beforeEach(async () => {
    d = await freshDeployment(engine)
  })
  afterEach(() => d.close())

  const run = async (
    command: typeof runMembers,
    args: readonly string[],
    isTTY = false,
  ): Promise<{ code: number; out: string; err: string }> => {
    let out = ''
    let err = ''
    const io = {
      stdout: { write: (text: string) => (out += text) },
      stderr: { write: (text: string) => (err += text), isTTY },
    }
    const code = await command([...args, '--data', d.data], io, d.env)
    return { code, out, err }
  }
  const load = () => run(runOrganisations, ['import', organisations, '--json'])

  it('imports organisations, one JSON object last', async () => {
    const { code, out, err } = await load()
    expect({ code, err }).toEqual({ code: 0, err: '' })
    expect(JSON.parse(out)).toEqual({
      read: 4,
      added: 3,
      changed: 0,
      unchanged: 0,
      refused: 1,
      reasons: { unknown_parent: 1 },
    })
    expect(await run(runOrganisations, ['import', organisations])).toMatchObject({
      code: 0,
      out: 'read 4, added 0, changed 0, unchanged 3, refused 1\n',
      err: 'row 5: unknown_parent\n',
    })
  })

  it('imports members for an organisation and says which rows were refused', async () => {
    await load()
    const errors = join(folder, `errors-${engine}.csv`)
    const args = ['import', roster, '--org', '640000', '--errors', errors, '--json']
    const { code, out, err } = await run(runMembers, args)
    expect({ code, err }).toEqual({ code: 0, err: '' })
    expect(JSON.parse(out)).toEqual({
      read: 3,
      added: 1,
      changed: 0,
      unchanged: 0,
      refused: 2,
      reasons: { org_out_of_scope: 1, bad_check_digit: 1 },
    })
    expect(readFileSync(errors, 'utf8').trim().split('\r\n')).toHaveLength(3)
    const everywhere = await run(runMembers, ['import', roster, '--json'])
    expect(JSON.parse(everywhere.out)).toMatchObject({ added: 1, unchanged: 1, refused: 1 })
  })

  it('shows progress to whoever watches', async () => {
    await load()
    const { err } = await run(runMembers, ['import', roster], true)
    expect(err).toMatch(/3 rows, \d+\/s, 1 refused, 0 s left/)
  })

  it('answers 1 for a file that was refused, 2 for a command it does not know', async () => {
    await load()
    const hello = file('hello.csv', 'hello')
    expect(await run(runMembers, ['import', hello])).toMatchObject({ code: 1, out: '' })
    expect(await run(runOrganisations, ['import', hello])).toMatchObject({ code: 1, out: '' })
    expect(await run(runMembers, ['import', roster, '--org', '999999'])).toMatchObject({ code: 1 })
    expect(await run(runMembers, ['export', roster])).toMatchObject({ code: 2 })
    expect(await run(runOrganisations, ['import'])).toMatchObject({ code: 2 })
  })
})
