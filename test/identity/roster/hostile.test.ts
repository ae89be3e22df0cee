import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { generated, readWhole, refusalOf } from '../../support/roster.ts'
import { workbook } from '../../support/workbook.ts'

const codes = ['none', 'ENCODING_UNKNOWN', 'FILE_UNREADABLE', 'FILE_TOO_LARGE', 'HEADERS_UNKNOWN']
const chunkSize = fc.integer({ min: 1, max: 3000 })

/** Anything but a refusal is thrown on by `refusalOf` and fails the property. */
async function survives(bytes: Uint8Array, size?: number): Promise<void> {
  expect(codes).toContain((await refusalOf(readWhole(bytes, {}, size))).code)
}

const texts = ['utf8', 'utf8bom', 'gb18030'].map(
  (encoding) => generated('--members', '40', '--encoding', encoding, '--bad', '0.3').bytes,
)
const book = workbook(
  [
    ['姓名', '证件号码', '工会组织代码', '入会日期'],
    ['张伟', '11010519491231002X', '640100', { serialDate: 45356 }],
  ],
  { deflated: true },
)

function mutated(bytes: Uint8Array) {
  const change = fc.tuple(fc.nat(bytes.length - 1), fc.integer({ min: 0, max: 255 }))
  return fc.array(change, { minLength: 1, maxLength: 8 }).map((changes) => {
    const copy = Uint8Array.from(bytes)
    for (const [at, octet] of changes) copy[at] = octet
    return copy
  })
}

describe('whatever the file is, reading it ends in rows or in a refusal', () => {
  it('random octets', async () => {
    await fc.assert(fc.asyncProperty(fc.uint8Array({ maxLength: 5000 }), chunkSize, survives), {
      numRuns: 300,
    })
  })

  it('random text below a good header', async () => {
    const text = fc.string({ unit: 'binary', maxLength: 2000 })
    const lines = fc.array(fc.string({ unit: fc.constantFrom(...',;"\r\n\t 张1=X\0') }))
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          text,
          lines.map((all) => all.join('\n')),
        ),
        chunkSize,
        (body, size) => survives(Buffer.from(`姓名,证件号码,工会组织代码,入会日期\n${body}`), size),
      ),
      { numRuns: 300 },
    )
  })

  it('rosters cut off anywhere', async () => {
    const cut = fc
      .constantFrom(...texts)
      .chain((bytes) => fc.nat(bytes.length).map((end) => bytes.subarray(0, end)))
    await fc.assert(fc.asyncProperty(cut, chunkSize, survives), { numRuns: 300 })
  })

  it('rosters with changed octets', async () => {
    const changed = fc.constantFrom(...texts).chain(mutated)
    await fc.assert(fc.asyncProperty(changed, chunkSize, survives), { numRuns: 500 })
  })

  it('workbooks cut off anywhere', async () => {
    const cut = fc.nat(book.length).map((end) => book.subarray(0, end))
    await fc.assert(
      fc.asyncProperty(cut, (bytes) => survives(bytes)),
      { numRuns: 15 },
    )
  })

  it('workbooks with changed octets', async () => {
    await fc.assert(
      fc.asyncProperty(mutated(book), (bytes) => survives(bytes)),
      { numRuns: 20 },
    )
  })

  it('workbooks with changed octets in their sheet', async () => {
    const sheet = Buffer.from(
      '<worksheet><sheetData><row r="1"><c r="A1"><v>1</v></c></row></sheetData></worksheet>',
    )
    await fc.assert(
      fc.asyncProperty(mutated(sheet), (bytes) =>
        survives(workbook([], { sheet: Buffer.from(bytes).toString('latin1') })),
      ),
      { numRuns: 20 },
    )
  })
})
