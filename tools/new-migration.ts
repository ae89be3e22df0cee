// Writes the next migration for both engines: npm run migration -- NAME [--custom]
// STRICT is added to every SQLite table, because drizzle-kit cannot write it. A migration that
// rebuilds a table must put its triggers back by hand; a test looks for them.
import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'

const [name, ...rest] = process.argv.slice(2)
if (!name) throw new TypeError('name the migration: npm run migration -- add-points')

for (const engine of ['sqlite', 'postgres']) {
  const config = `migrations/${engine}.config.ts`
  const args = ['generate', '--config', config, '--name', name, ...rest]
  execFileSync('drizzle-kit', args, { stdio: 'inherit' })
}

for (const file of readdirSync('migrations/sqlite').filter((entry) => entry.endsWith('.sql'))) {
  const path = `migrations/sqlite/${file}`
  const sql = readFileSync(path, 'utf8')
  const strict = sql.replaceAll(/(CREATE TABLE `\w+` \([^;]*?\n\))(;)/g, '$1 STRICT$2')
  if (strict !== sql) writeFileSync(path, strict)
}
