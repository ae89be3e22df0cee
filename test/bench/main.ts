// npm run bench -- redeem|issue|append|inclusion|verify|credentials|desk [--engine sqlite|postgres] [--json]
import { parseArgs } from 'node:util'

import { benchAppend } from './append.ts'
import { benchCredentials } from './credentials.ts'
import { benchDesk } from './desk.ts'
import { benchInclusion } from './inclusion.ts'
import { benchIssue } from './issue.ts'
import { benchRedeem } from './redeem.ts'
import { benchVerify } from './verify.ts'

const { values, positionals } = parseArgs({
  options: {
    engine: { type: 'string', default: 'sqlite' },
    json: { type: 'boolean', default: false },
    pairs: { type: 'string', default: '5' },
  },
  allowPositionals: true,
})
const benches = {
  redeem: benchRedeem,
  issue: benchIssue,
  append: benchAppend,
  inclusion: benchInclusion,
  verify: benchVerify,
  credentials: benchCredentials,
  desk: benchDesk,
}
const bench = benches[positionals[0] as keyof typeof benches]
const engine = values.engine === 'postgres' ? 'postgres' : 'sqlite'
if (!bench) {
  process.stderr.write(
    'usage: npm run bench -- redeem|issue|append|inclusion|verify|credentials|desk [--engine sqlite|postgres] [--json]\n',
  )
  process.exit(2)
}
const result = await bench(engine, Number(values.pairs))
if (values.json) process.stdout.write(`${JSON.stringify(result)}\n`)
else for (const [name, value] of Object.entries(result)) process.stdout.write(`${name} ${value}\n`)
process.exit(0)
