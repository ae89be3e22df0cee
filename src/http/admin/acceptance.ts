import { z } from 'zod'

import { requireBenefit } from '../../benefits/benefits.ts'
import { readAcceptance, setAcceptance } from '../../merchants/acceptance.ts'
import { requireMatchable } from '../../merchants/acceptance-values.ts'
import { acceptanceTargets } from '../../store/schema/merchants.ts'
import { listedPeers } from '../../trust/peers.ts'
import type { App } from '../app.ts'
import type { Context } from '../context.ts'
import { idText } from '../paging.ts'
import { actorOf, adminWrite } from './authenticate.ts'

const params = z.object({ id: idText })

const rules = z.object({
  rules: z
    .array(
      z.strictObject({
        target: z.enum(acceptanceTargets),
        value: z.string().max(64).describe('of `node`: its number, or * for every node'),
      }),
    )
    .max(1000),
})

const peer = z.object({
  number: z.int(),
  name: z.string(),
  url: z.string(),
})

/** Where benefits are taken, at our own merchants and at other nodes. */
export function acceptanceRoutes(app: App, context: Context): void {
  getBenefitAcceptance(app, context)
  putBenefitAcceptance(app, context)
  getNodes(app, context)
}

function getBenefitAcceptance(app: App, { store }: Context): void {
  app.get(
    '/benefits/:id/acceptance',
    {
      schema: {
        operationId: 'getAcceptance',
        summary: 'Where a benefit is taken; without any rule, nowhere',
        params,
        response: { 200: rules },
      },
      config: { refusals: ['NOT_FOUND'] },
    },
    async (request) => {
      const actor = actorOf(request, 'benefits.read')
      const { id } = await requireBenefit(store.read, request.params.id, actor)
      return { rules: await readAcceptance(store.read, id) }
    },
  )
}

function putBenefitAcceptance(app: App, context: Context): void {
  app.put(
    '/benefits/:id/acceptance',
    {
      schema: {
        operationId: 'setAcceptance',
        summary:
          'Say where a benefit is taken: all, or by merchant, store, category, region prefix, node',
        description:
          'A value that no store can match is refused (VALIDATION_FAILED, `issues`): an unknown ' +
          'merchant or store, no category or region prefix, a node that is not on the trust list. ' +
          'Rules in force may be sent again.',
        params,
        body: rules,
        response: { 200: rules },
      },
      config: { refusals: ['NOT_FOUND'] },
    },
    async (request, reply) => {
      const given = request.body.rules
      const named = given.some(({ target }) => target === 'node')
      const peers = named ? await listedPeers(context, 'redeemer') : []
      return adminWrite(context, request, reply, {
        permission: 'benefits.write',
        answer: rules,
        work: async (tx, actor) => {
          const { id } = await requireBenefit(tx, request.params.id, actor)
          const numbers = peers.map(({ number }) => number)
          await requireMatchable(tx, id, given, numbers)
          await setAcceptance(tx, id, given)
          return { rules: given }
        },
      })
    },
  )
}

function getNodes(app: App, context: Context): void {
  app.get(
    '/nodes',
    {
      schema: {
        operationId: 'listNodes',
        summary: 'The other nodes whose shops a benefit may be taken at, by the trust list',
        response: { 200: z.object({ items: z.array(peer) }) },
      },
    },
    async (request) => {
      actorOf(request, 'benefits.read')
      const found = await listedPeers(context, 'redeemer')
      return { items: found.map(({ number, name, url }) => ({ number, name, url })) }
    },
  )
}
