import { sha256 } from '../base/sha256.ts'
import {
  consistencyNodes,
  type HashReader,
  inclusionNodes,
  type Node,
  proveConsistency,
  proveInclusion,
} from '../formats/tlog/merkle.ts'
import { tileReader, tilesFor } from '../formats/tlog/tiles.ts'
import type { Reader } from '../store/store.ts'
import { tileRow } from './static-log.ts'

/** Proves that leaf `index` is in the tree of the log's first `size` leaves: leaf sibling first. */
export async function inclusionProof(
  reader: Reader,
  log: string,
  index: number,
  size: number,
): Promise<readonly Uint8Array[]> {
  const read = await readTree(reader, log, size, inclusionNodes(index, size))
  return proveInclusion(sha256, index, size, read)
}

/** Proves that the log's first `first` leaves begin its first `second`. */
export async function consistencyProof(
  reader: Reader,
  log: string,
  first: number,
  second: number,
): Promise<readonly Uint8Array[]> {
  const nodes = first === 0 ? [] : consistencyNodes(first, second)
  const read = await readTree(reader, log, second, nodes)
  return first === 0 ? [] : proveConsistency(sha256, first, second, read)
}

/** Fetches the tiles that these nodes of the tree of `size` leaves are in. A tile only grows. */
async function readTree(
  reader: Reader,
  log: string,
  size: number,
  nodes: readonly Node[],
): Promise<HashReader> {
  const tiles = new Map<string, Uint8Array>()
  for (const tile of tilesFor(nodes, size)) {
    const data = await tileRow(reader, log, tile)
    if (!data) throw new Error(`tile ${tile.level}/${tile.index} of ${log} is missing`)
    tiles.set(`${tile.level}/${tile.index}`, data)
  }
  const at = ({ level, index }: { level: number; index: number }) => tiles.get(`${level}/${index}`)
  return tileReader(sha256, size, (tile) => at(tile) ?? new Uint8Array(0))
}
