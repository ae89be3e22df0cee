import { z } from 'zod'

import { Refusal } from '../../base/refusal.ts'
import { closeDraw, runDraw, shutDraw } from '../../benefits/draw/close.ts'
import { commitDraw } from '../../benefits/draw/commit.ts'
import { listDraws, pseudonymsOf, requireDraw } from '../../benefits/draw/draw.ts'
import { drawFileNames } from '../../formats/draw.ts'
import { formatVkey } from '../../formats/tlog/note.ts'
import { askOutsideKey } from '../../jobs/ask-outside-key.ts'
import type { App } from '../app.ts'
import type { Context } from '../context.ts'
import { drawSchema, renderDraw } from '../draw-view.ts'
import { idText, pageOf, pageQuery, toPage } from '../paging.ts'
import { actorOf, adminWrite } from './authenticate.ts'

const params = z.object({ id: idText })
const proofSchema = drawSchema.extend({
  files: z.array(z.string()).describe('addresses of its files, whether they are there yet or not'),
})

/** Draws of scarce stock. They run by themselves; these are for who wants to choose or to look. */
export function drawRoutes(app: App, context: Context): void {
  getDraws(app, context)
  getDrawProof(app, context)
  postDrawCommit(app, context)
  postDrawRun(app, context)
}

function getDraws(app: App, context: Context): void {
  app.get(
    '/draws',
    {
      schema: {
        operationId: 'listDraws',
        summary: 'Draws of benefits within the scope',
        querystring: pageQuery,
        response: { 200: pageOf(drawSchema) },
      },
    },
    async (request) => {
      const { orgPaths } = actorOf(request, 'benefits.read')
      const { after, limit } = request.query
      const rows = await listDraws(context.store.read, orgPaths, { after, limit: limit + 1 })
      return toPage(
        rows,
        limit,
        ({ id }) => id,
        (draw) => renderDraw(context, draw),
      )
    },
  )
}

function getDrawProof(app: App, context: Context): void {
  app.get(
    '/draws/:id/proof',
    {
      schema: {
        operationId: 'getDrawProof',
        summary: 'What the draw can be verified from',
        params,
        response: { 200: proofSchema },
      },
      config: { refusals: ['NOT_FOUND'] },
    },
    async (request) => {
      const actor = actorOf(request, 'benefits.read')
      const draw = renderDraw(
        context,
        await requireDraw(context.store.read, request.params.id, actor),
      )
      const files = Object.values(drawFileNames).map((name) => `${draw.proof}${name}`)
      return { ...draw, files }
    },
  )
}

function postDrawCommit(app: App, context: Context): void {
  const { node, clock } = context
  app.post(
    '/draws/:id/commit',
    {
      schema: {
        operationId: 'commitDraw',
        summary: 'Fix the seed, the times and the outside key of a planned draw in the log',
        params,
        body: z.strictObject({
          witness: z
            .string()
            .max(255)
            .optional()
            .describe('name of a witness in the policy; none: nobody signs'),
        }),
        response: { 200: drawSchema },
      },
      config: { refusals: ['NOT_FOUND', 'DRAW_STATE', 'VALIDATION_FAILED'] },
    },
    (request, reply) =>
      adminWrite(context, request, reply, {
        permission: 'benefits.write',
        answer: drawSchema,
        work: async (tx, actor) => {
          const draw = await requireDraw(tx, request.params.id, actor)
          const witness = outsideKey(context, request.body.witness)
          const now = clock()
          return renderDraw(context, await commitDraw(tx, node, { draw, witness, now }))
        },
      }),
  )
}

function postDrawRun(app: App, context: Context): void {
  const { store, node, clock, witnesses: witnessPolicy } = context
  app.post(
    '/draws/:id/run',
    {
      schema: {
        operationId: 'runDraw',
        summary: 'Close and draw, if the time has come and the outside key has signed',
        params,
        body: z.strictObject({}),
        response: { 200: drawSchema },
      },
      config: { refusals: ['NOT_FOUND', 'DRAW_STATE'] },
    },
    async (request, reply) => {
      const actor = actorOf(request, 'benefits.write')
      const before = await requireDraw(store.read, request.params.id, actor)
      // Asked before the transaction: it is closed already, or there is nothing to sign.
      const drawing = { store, node, clock, witnessPolicy }
      const asked = before.state === 'closed' ? await askOutsideKey(drawing, before) : undefined
      const signature = asked?.length ? asked : undefined
      return adminWrite(context, request, reply, {
        permission: 'benefits.write',
        answer: drawSchema,
        work: async (tx) => {
          const now = clock()
          const { id } = before
          if (before.state === 'open') await shutDraw(tx, id, now)
          let draw = await requireDraw(tx, id, actor)
          if (draw.state === 'closing') {
            const pseudonyms = await pseudonymsOf(tx, id)
            draw = await closeDraw(tx, node, { draw, pseudonyms, now })
            if (draw.witness !== null) return renderDraw(context, draw)
          }
          return renderDraw(context, await runDraw(tx, node, { draw, signature, now }))
        },
      })
    },
  )
}

/** The verifier key of a witness that the policy names, with an address to ask at. */
function outsideKey({ witnesses }: Context, name: string | undefined): string | undefined {
  if (name === undefined) return undefined
  const found = witnesses?.witnesses.find(({ vkey, url }) => vkey.name === name && url)
  if (!found) throw new Refusal('VALIDATION_FAILED', { issues: ['witness: not in the policy'] })
  return formatVkey(found.vkey)
}
