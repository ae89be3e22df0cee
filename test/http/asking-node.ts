import type { SigningKey } from '../../src/cli/demo/agent.ts'
import { must } from '../../src/cli/demo/desk.ts'
import { publishOwnList } from '../../src/jobs/own-list.ts'
import { keyFolderOf } from '../../src/keys/keyring.ts'
import { ownRoot } from '../../src/keys/root.ts'
import { entry, newNode } from '../trust/nodes.ts'
import type { Ground } from './ground.ts'

/** A shop's node as home knows it: the key that it asks with, and the name of that key. */
export interface AskingNode {
  readonly keyId: string
  readonly key: SigningKey
}

/** Lists another node, number 62, whose requests are believed, and lets it into the benefit. */
export async function listNode({ server, maker, benefitId }: Ground): Promise<AskingNode> {
  const { deployment, store, now } = server
  const { node, keyring, logs } = deployment
  const root = await ownRoot(keyFolderOf(deployment.data))
  if (!root) throw new TypeError('the node is not its own root')
  const url = 'https://gs.example'
  const { roles } = await newNode(root, url, now)
  const own = { store, node, roles: keyring.roles, logs }
  await publishOwnList(own, root, {
    entries: [entry(roles, url, 62)],
    withdrawn: [],
    days: 30,
    now,
  })
  const rules = [
    { target: 'all', value: '' },
    { target: 'node', value: '62' },
  ]
  const { ask } = await maker.signIn()
  await must(ask('PUT', `/admin/benefits/${benefitId}/acceptance`, { rules }))
  const key = roles.current('redeemer')
  return { keyId: key.kid, key }
}

/** A place at that node, by names that mean something to the two alone. */
export const placeElsewhere = {
  ...{ merchant: 'm'.repeat(22), store: 's'.repeat(22), terminal: 't'.repeat(22) },
  ...{ shift: 'h'.repeat(22), region: 620_100, category: 'catering' },
}
