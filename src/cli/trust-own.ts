import { openDeployment } from '../compose.ts'
import type { Config } from '../config.ts'
import type { TrustList } from '../formats/trust-list.ts'
import { publishOwnList } from '../jobs/own-list.ts'
import type { Publication } from '../trust/publish-list.ts'

/** Publishes the list of the node in `data`. An Error when it is not its own root. */
export async function publishOwn(
  data: string,
  config: Config,
  change: Pick<Publication, 'entries' | 'withdrawn' | 'days' | 'now'>,
): Promise<TrustList> {
  const deployment = await openDeployment({ data, config })
  try {
    const authority = await deployment.ownRoot()
    if (!authority) throw new Error('the node is not its own root: publish with --root, offline')
    return await publishOwnList(deployment, authority, change)
  } finally {
    await deployment.close()
  }
}
