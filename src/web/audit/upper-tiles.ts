import { type Bytes, equal } from '../../base/bytes.ts'
import { hashLength } from '../../formats/tlog/merkle.ts'
import { tilePath, tileWidth, widthAt } from '../../formats/tlog/tiles.ts'
import type { Finding } from './verify-log.ts'

/** Compares the tiles above the leaves with the tree, each as soon as its last hash is known. */
export class UpperTiles {
  readonly #read: (path: string) => Promise<Bytes | undefined>
  readonly #size: number
  readonly #findings: Finding[]
  readonly #growing: { index: number; hashes: Uint8Array[] }[] = []
  readonly #full: { level: number; index: number; hashes: Uint8Array[] }[] = []

  constructor(
    read: (path: string) => Promise<Bytes | undefined>,
    size: number,
    findings: Finding[],
  ) {
    this.#read = read
    this.#size = size
    this.#findings = findings
  }

  /** For `Frontier.append`: every perfect subtree of eight levels is one hash of a tile. */
  readonly note = (treeLevel: number, _index: number, hash: Uint8Array): void => {
    if (treeLevel === 0 || treeLevel % 8 !== 0) return
    const level = treeLevel / 8
    const tile = this.#growing[level - 1] ?? { index: 0, hashes: [] }
    tile.hashes.push(hash)
    const full = tile.hashes.length === tileWidth
    if (full) this.#full.push({ level, ...tile })
    this.#growing[level - 1] = full ? { index: tile.index + 1, hashes: [] } : tile
  }

  /** Those that are full by now. */
  async compare(): Promise<void> {
    for (const { level, index, hashes } of this.#full.splice(0)) {
      await this.#same(level, index, hashes)
    }
  }

  /** The last one of each level, where it is partial. */
  async finish(): Promise<void> {
    for (const [i, { index, hashes }] of this.#growing.entries()) {
      if (hashes.length > 0) await this.#same(i + 1, index, hashes)
    }
  }

  async #same(level: number, index: number, hashes: readonly Uint8Array[]): Promise<void> {
    const path = tilePath({ level, index, width: widthAt(this.#size, level, index) })
    const tile = await this.#read(path)
    const wrong = hashes.findIndex(
      (hash, i) => !tile || !equal(hash, tile.subarray(i * hashLength, (i + 1) * hashLength)),
    )
    if (wrong < 0) return
    const first = (index * tileWidth + wrong) * tileWidth ** level
    const check = tile ? 'tile' : 'missing'
    this.#findings.push({ check, index: first, detail: `${path} is not of the tree` })
  }
}
