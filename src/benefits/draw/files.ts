import { type DrawFiles, drawFileNames, writeDrawList } from '../../formats/draw.ts'
import { receiptOf } from '../../ledger/receipt.ts'
import type { Reader } from '../../store/store.ts'
import { rankingOf } from './close.ts'
import { closedStates, type Draw, pseudonymsOf } from './draw.ts'

/**
 * One of the files that anybody can verify a draw from, as far as it has come; `undefined` for what
 * is not there, or not yet: the list only once it stands, the seed only once the draw is over.
 */
export async function drawFile(
  reader: Reader,
  { draw, name }: { draw: Draw; name: string },
): Promise<Uint8Array | undefined> {
  const { openEntryId, closeEntryId, runEntryId, id } = draw
  const receipt = (entryId: string | null) =>
    entryId === null ? undefined : receiptOf(reader, entryId)
  switch (keyOfName(name)) {
    case 'opening':
      return receipt(openEntryId)
    case 'closing':
      return receipt(closeEntryId)
    case 'result':
      return receipt(runEntryId)
    case 'entrants':
      if (!closedStates.includes(draw.state)) return undefined
      return writeDrawList(await pseudonymsOf(reader, id))
    case 'winners': {
      if (!draw.seed) return undefined
      const ranking = rankingOf(draw, await pseudonymsOf(reader, id))
      return writeDrawList(ranking.slice(0, draw.units))
    }
    case undefined:
      return undefined
  }
}

function keyOfName(name: string): keyof DrawFiles | undefined {
  const keys = Object.keys(drawFileNames) as (keyof DrawFiles)[]
  return keys.find((key) => drawFileNames[key] === name)
}
