import { createHash } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable, Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'

import type { FastifyReply, FastifyRequest } from 'fastify'

import { utf8 } from '../../base/bytes.ts'
import { newId } from '../../base/id.ts'
import { Refusal } from '../../base/refusal.ts'
import type { Actor } from '../../benefits/scope.ts'
import { dropPieces } from '../../identity/import-pieces.ts'
import { type Import, readImport } from '../../identity/import-report.ts'
import type { Permission } from '../../identity/roles.ts'
import type { Mapping } from '../../identity/roster/mapping.ts'
import { keepOctets, keepRefused } from '../../jobs/import-files.ts'
import type { Tx } from '../../store/store.ts'
import type { App } from '../app.ts'
import type { Context } from '../context.ts'
import { adminWrite } from './authenticate.ts'
import { fileNameOf } from './file-name.ts'
import { importSchema, renderImport } from './import-schema.ts'

/** The largest file that is taken. */
export const mostOctets = 512 * 1024 * 1024
const fileTypes = [
  'text/csv',
  'application/octet-stream',
  'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
]

/** Lets the routes of `app` take a file as their body: it goes to disk as it comes. */
export function takeFiles(app: App): void {
  app.addContentTypeParser(fileTypes, (_request, payload, done) => done(null, payload))
}

/** An import that begins with a request and goes on after its answer. */
export interface FileImport {
  readonly permission: Permission
  /** Path of an organisation that the import's is at or below. */
  readonly within: string
  /** Writes the import's row. */
  readonly begin: (tx: Tx, id: string, actor: Actor) => Promise<void>
  /** It is kept, sealed, until it is started (`POST /imports/:id/start`). */
  readonly held: boolean
  /** Reads the file; whatever becomes of it is in the import's own row. */
  readonly run: (
    source: AsyncIterable<Uint8Array>,
    id: string,
    /** To be called when the file was read, before the import ends. */
    ending: () => Promise<void>,
  ) => Promise<unknown>
}

/**
 * Keeps the body as a file, answers 202 with the import, and reads the file in the background. The
 * file's digest stands for the body: the same key and file begin nothing a second time. Refusals:
 * those of `receive` and `begin`.
 */
export async function importFile(
  context: Context,
  request: FastifyRequest,
  reply: FastifyReply,
  { permission, within, held, begin, run }: FileImport,
): Promise<void> {
  const { clock, store } = context
  const { folder, path: file } = await receive(request)
  const remove = () => rm(folder, { recursive: true, force: true })
  const id = newId(clock())
  let begun = false
  try {
    if (held) await hold(context, id, { file, name: fileNameOf(request) })
    await adminWrite(context, request, reply, {
      permission,
      answer: importSchema,
      status: 202,
      work: async (tx, actor) => {
        await begin(tx, id, actor)
        begun = true
        return renderImport(await written(tx, id, within))
      },
    })
  } catch (error) {
    await remove()
    throw error
  }
  const fresh = begun && reply.getHeader('idempotent-replayed') === undefined
  if (held || !fresh) {
    await remove()
    if (!fresh) await store.transaction((tx) => dropPieces(tx, id, 'file'), { bulk: true })
    return
  }
  const source = (signal?: AbortSignal) => createReadStream(file, signal && { signal })
  readBehind(context, request, { id, source, mapping: {}, run, done: remove })
}

/** Keeps a file, and what it is called, until somebody starts its import. */
async function hold(
  { store, node }: Context,
  importId: string,
  { file, name }: { readonly file: string; readonly name: string | undefined },
): Promise<void> {
  await keepOctets(store, node, { importId, part: 'file' }, createReadStream(file))
  if (name === undefined) return
  const octets = Readable.from([utf8(name)])
  await keepOctets(store, node, { importId, part: 'name' }, octets)
}

/**
 * Reads an import's file after the answer, then keeps the rows that were refused. `source` gives
 * the file from its beginning; `done` is called at the end of all.
 */
export function readBehind(
  { store, node, background }: Context,
  request: FastifyRequest,
  {
    id,
    source,
    mapping,
    run,
    done = async () => {},
  }: Pick<FileImport, 'run'> & {
    readonly id: string
    readonly source: (signal?: AbortSignal) => AsyncIterable<Uint8Array>
    readonly mapping: Mapping
    readonly done?: () => Promise<void>
  },
): void {
  background.run(
    async (signal) => {
      const ending = () => keepRefused(store, node, id, { source: source(), mapping })
      await run(source(signal), id, ending).finally(done)
    },
    (error) => {
      const failure = error instanceof Refusal ? error.code : 'INTERRUPTED'
      request.log.warn({ import: id, code: failure }, 'import failed')
    },
  )
}

async function written(tx: Tx, id: string, within: string): Promise<Import> {
  const row = await readImport(tx, id, within)
  if (!row) throw new TypeError('the import was not written')
  return row
}

interface Received {
  readonly folder: string
  readonly path: string
}

/** Writes the body to a file of its own. Refusals FILE_TOO_LARGE, FILE_UNREADABLE. */
async function receive(request: FastifyRequest): Promise<Received> {
  const { body } = request
  if (!(body instanceof Readable)) {
    throw new Refusal('VALIDATION_FAILED', { issues: ['body: send the file as text/csv'] })
  }
  const folder = await mkdtemp(join(tmpdir(), 'symbolon-import-'))
  const path = join(folder, 'roster')
  const digest = createHash('sha256')
  let octets = 0
  const measured = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      octets += chunk.length
      digest.update(chunk)
      done(octets > mostOctets ? new Refusal('FILE_TOO_LARGE') : null, chunk)
    },
  })
  try {
    await pipeline(body, measured, createWriteStream(path, { mode: 0o600 }))
  } catch (error) {
    await rm(folder, { recursive: true, force: true })
    throw error instanceof Refusal ? error : new Refusal('FILE_UNREADABLE')
  }
  request.rawBody = digest.digest()
  return { folder, path }
}
