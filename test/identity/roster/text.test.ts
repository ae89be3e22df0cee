import { describe, expect, it } from 'vitest'
import { readText } from '../../../src/identity/roster/text.ts'
import { inChunks, refusalOf } from '../../support/roster.ts'

const read = async (bytes: Uint8Array, chunkSize?: number, rowLimit?: number) => {
  const rows = []
  for await (const batch of readText(inChunks(bytes, chunkSize), rowLimit)) rows.push(...batch)
  return rows
}
const utf8 = (text: string) => Buffer.from(text)
const cells = async (bytes: Uint8Array, chunkSize?: number) =>
  (await read(bytes, chunkSize)).map((row) => row.cells)

/** 姓名,李 / 张,伟 / 𠮷,x in GB18030 as Python encodes it, a character of four octets among them. */
const gb18030 = Buffer.from('d0d5c3fb2cc0ee0d0ad5c52cceb00d0a9534b2352c780d0a', 'hex')

describe('encodings', () => {
  it.each([1, 2, 3, 7, 1000])('are told apart in chunks of %i octets', async (size) => {
    const expected = [
      ['姓名', '李'],
      ['张', '伟'],
      ['𠮷', 'x'],
    ]
    const text = '姓名,李\r\n张,伟\r\n𠮷,x\r\n'
    expect(await cells(utf8(text), size)).toEqual(expected)
    expect(await cells(utf8(`\ufeff${text}`), size)).toEqual(expected)
    expect(await cells(gb18030, size)).toEqual(expected)
  })

  it('are decided by the first octet that is not ASCII, megabytes into the file', async () => {
    const ascii = Buffer.from('name,org\n'.repeat(300_000))
    expect((await cells(Buffer.concat([ascii, gb18030]))).at(-2)).toEqual(['张', '伟'])
    expect((await cells(Buffer.concat([ascii, utf8('张,伟')]))).at(-1)).toEqual(['张', '伟'])
  })

  it.each([
    ['neither UTF-8 nor GB18030', Buffer.from('6e616d650aff30ff30', 'hex')],
    ['a character cut off at the end', utf8('name,张').subarray(0, 7)],
    ['a UTF-8 mark on something else', Buffer.concat([Buffer.from('efbbbf', 'hex'), gb18030])],
    ['a UTF-16 mark', Buffer.from('\ufeff姓名,李', 'utf16le')],
    ['a big-endian UTF-16 mark', Buffer.from('feff59d3540d', 'hex')],
  ])('refuses %s', async (_, bytes) => {
    expect(await refusalOf(read(bytes))).toEqual({ code: 'ENCODING_UNKNOWN' })
  })

  it('refuses one that changes in the middle', async () => {
    const bytes = Buffer.concat([utf8('姓名,张\n'.repeat(200_000)), gb18030])
    expect(await refusalOf(read(bytes))).toEqual({ code: 'ENCODING_UNKNOWN' })
  })

  it.each([
    ['NUL octets', Buffer.from('name,org\0\n')],
    ['UTF-16 without a mark', Buffer.from('name,org', 'utf16le')],
    ['an old workbook', Buffer.from('d0cf11e0a1b11ae1', 'hex')],
    ['a PDF', Buffer.from('%PDF-1.7\n')],
  ])('refuses %s as binary', async (_, bytes) => {
    expect(await refusalOf(read(bytes))).toMatchObject({
      code: 'FILE_UNREADABLE',
      reason: 'binary',
    })
  })
})

describe('separated values', () => {
  it.each([',', ';', '\t'])('are separated by %o if the header is', async (delimiter) => {
    const lines = [
      ['name', 'org'],
      ['a,b;c\td', 'x'],
    ]
    const text = lines.map((line) => line.map((cell) => `"${cell}"`).join(delimiter)).join('\n')
    expect(await cells(utf8(text))).toEqual(lines)
  })

  it('may be quoted, with quotes, delimiters and line ends inside', async () => {
    const text = 'a,b\r\n"x ""y"", z","1\r\n2"\r\nu "v" w,3'
    expect(await cells(utf8(text), 3)).toEqual([
      ['a', 'b'],
      ['x "y", z', '1\r\n2'],
      ['u "v" w', '3'],
    ])
  })

  it.each(['\n', '\r\n', '\r'])('may end their lines with %o', async (end) => {
    for (const size of [1, 100]) {
      expect(await cells(utf8(['a,b', '1,2', '3,4', ''].join(end)), size)).toEqual([
        ['a', 'b'],
        ['1', '2'],
        ['3', '4'],
      ])
    }
  })

  it('skip blank lines and count them', async () => {
    const rows = await read(utf8('\n\na,b\n\n  \n1,2\n"3\n4",5\n6,7\n'))
    expect(rows.map(({ row }) => row)).toEqual([3, 6, 7, 8])
  })

  it('are none in an empty file', async () => {
    expect(await read(utf8(''))).toEqual([])
  })

  it('are refused with the row where a quote never closes', async () => {
    const open = `a,b\n1,2\n"3,4\n`
    expect(await refusalOf(read(utf8(open)))).toEqual({
      code: 'FILE_UNREADABLE',
      reason: 'quote_not_closed',
      row: 3,
    })
    expect(await refusalOf(read(utf8(open + '5,6\n'.repeat(100_000))))).toEqual({
      code: 'FILE_UNREADABLE',
      reason: 'row_too_long',
      row: 3,
    })
  })

  it('are refused above the limit of rows, blank ones included', async () => {
    const refusal = { code: 'FILE_TOO_LARGE', rows: 100 }
    expect(await read(utf8('a,b\n'.repeat(100)), 64, 100)).toHaveLength(100)
    expect(await refusalOf(read(utf8('a,b\n'.repeat(101)), 64, 100))).toEqual(refusal)
    expect(await refusalOf(read(utf8(`a,b${'\n'.repeat(102)}`), 64, 100))).toEqual(refusal)
  })

  it('close the source when the reader walks away', async () => {
    let closed = false
    async function* endless() {
      try {
        while (true) yield utf8('a,b\n'.repeat(1000))
      } finally {
        closed = true
      }
    }
    for await (const batch of readText(endless())) {
      expect(batch.length).toBeGreaterThan(0)
      break
    }
    expect(closed).toBe(true)
  })
})
