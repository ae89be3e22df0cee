import { chmodSync, closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'

import { connect } from './sqlite-connection.ts'

/**
 * Copies a SQLite database as it is at one moment into a new file, for its owner alone, while
 * others read and write it. What was deleted is not in the copy, nor is free space. It stands at
 * `to` when it is whole and on the disk. Error when `to` exists or the copy is damaged.
 */
export function backUpSqlite(from: string, to: string): void {
  if (!existsSync(from)) throw new Error(`no database at ${from}`)
  if (existsSync(to)) throw new Error(`${to} exists: a backup overwrites nothing`)
  const part = `${to}.part`
  rmSync(part, { force: true })
  const source = connect(from, true)
  try {
    closeSync(openSync(part, 'wx', 0o600))
    source.prepare('vacuum into ?').run(part)
    chmodSync(part, 0o600)
    requireSound(part)
    sync(part)
    renameSync(part, to)
    sync(dirname(to))
  } finally {
    source.close()
    rmSync(part, { force: true })
  }
}

function requireSound(path: string): void {
  const copy = connect(path, true)
  try {
    const told = copy.pragma('quick_check(1)', { simple: true })
    if (told !== 'ok') throw new Error('the copy is damaged: so is the database, perhaps')
  } finally {
    copy.close()
  }
}

function sync(path: string): void {
  const descriptor = openSync(path, 'r')
  fsyncSync(descriptor)
  closeSync(descriptor)
}
