import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'

import { beforeAll, describe, expect, it } from 'vitest'
import { prepareZXingModule, readBarcodes } from 'zxing-wasm/reader'

import { toBase45 } from '../../src/formats/base45.ts'
import { encodeQr, type QrCode, qrPng, qrSvg, qrTerminal } from '../../src/formats/qr.ts'

/** The codes of section 6 of the credentials' design: what is in them, and how large they may be. */
const octets = (length: number) => Uint8Array.from({ length }, (_, i) => (i * 151 + 7) % 256)
const ours = (length: number) => `SY1:${toBase45(octets(length))}`
const codes: readonly [name: string, text: string, version: number][] = [
  ['a voucher code', ours(89), 6],
  ['a capsule for identity', ours(197), 10],
  ['a capsule with a challenge', ours(207), 11],
  ['a capsule for value', ours(223), 11],
  [
    'a request',
    `openid4vp://?client_id=x509_hash%3A${'Qk3v'.repeat(10)}&request_uri=`.padEnd(155, 'k'),
    9,
  ],
  ['an offer', 'openid-credential-offer://?credential_offer_uri='.padEnd(113, 'q'), 7],
  ['a store code', 'https://wallet.nxgh.example/s/8Kq2vD.pW3n7Xc1Rzk', 4],
]

interface Picture {
  readonly data: Uint8ClampedArray
  readonly width: number
  readonly height: number
  readonly colorSpace: 'srgb'
}

beforeAll(async () => {
  const wasm = createRequire(import.meta.url).resolve('zxing-wasm/reader/zxing_reader.wasm')
  await prepareZXingModule({ overrides: { wasmBinary: readFileSync(wasm).buffer as ArrayBuffer } })
})

describe.each(codes)('%s', (_, text, version) => {
  it(`is of version ${version} at the most`, () => {
    expect(encodeQr(text).version).toBeLessThanOrEqual(version)
  })

  it('is read by zxing from 240 pixels, 12 of 12, turned and noisy', async () => {
    const code = encodeQr(text)
    for (let i = 0; i < 12; i++) {
      const picture = photograph(code, {
        width: 240,
        degrees: i * 30 - 165,
        noise: 24,
        seed: i + 1,
      })
      expect(await decode(picture), `${i * 30 - 165} degrees`).toEqual([text])
    }
  })

  it('is the same code as SVG, as PNG and in a terminal', async () => {
    const code = encodeQr(text)
    expect(modulesOfSvg(qrSvg(code, 'x'))).toEqual(code.modules)
    expect(modulesOfTerminal(qrTerminal(code))).toEqual(code.modules)
    expect(await decode(await qrPng(text, 300))).toEqual([text])
  })
})

it('is named for a screen reader, without letting the name break out', () => {
  expect(qrSvg(encodeQr('A'), '<b>&')).toContain('<title>&lt;b&gt;&amp;</title>')
})

it('says so when a text does not fit', () => {
  expect(() => encodeQr('x'.repeat(3000))).toThrow(TypeError)
})

async function decode(picture: Picture | Uint8Array): Promise<string[]> {
  const found = await readBarcodes(picture as Parameters<typeof readBarcodes>[0], {
    formats: ['QRCode'],
    tryHarder: true,
  })
  return found.map((one) => one.text)
}

/** The code on its white card, `width` pixels wide, turned in a grey frame, with noise on it. */
function photograph(
  code: QrCode,
  { width, degrees, noise, seed }: { width: number; degrees: number; noise: number; seed: number },
): Picture {
  const frame = Math.ceil(width * 1.5)
  const data = new Uint8ClampedArray(frame * frame * 4).fill(255)
  const side = code.modules.length + 8
  const [sin, cos] = [Math.sin((degrees * Math.PI) / 180), Math.cos((degrees * Math.PI) / 180)]
  let state = seed
  const random = () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff
    return state / 0x7fffffff - 0.5
  }
  const at = (x: number, y: number) => {
    const [u, v] = [x - frame / 2, y - frame / 2]
    const column = Math.floor(((u * cos + v * sin) / width + 0.5) * side)
    const row = Math.floor(((v * cos - u * sin) / width + 0.5) * side)
    if (column < 0 || row < 0 || column >= side || row >= side) return 120
    return code.modules[row - 4]?.[column - 4] ? 20 : 235
  }
  for (let y = 0; y < frame; y++) {
    for (let x = 0; x < frame; x++) {
      let sum = 0 // of four points to a pixel: a camera does not see edges sharply
      for (const [dx, dy] of [
        [0.25, 0.25],
        [0.75, 0.25],
        [0.25, 0.75],
        [0.75, 0.75],
      ] as const) {
        sum += at(x + dx, y + dy)
      }
      data.fill(sum / 4 + random() * 2 * noise, (y * frame + x) * 4, (y * frame + x) * 4 + 3)
    }
  }
  return { data, width: frame, height: frame, colorSpace: 'srgb' }
}

function modulesOfSvg(svg: string): boolean[][] {
  const side = Number(/viewBox="0 0 (\d+)/.exec(svg)?.[1]) - 8
  const rows = Array.from({ length: side }, () => Array<boolean>(side).fill(false))
  const path = /stroke="#000"[^>]* d="([^"]+)"/.exec(svg)?.[1] ?? ''
  for (const [, x, y, length] of path.matchAll(/M(\d+) (\d+)h(\d+)/g)) {
    rows[Number(y) - 4]?.fill(true, Number(x) - 4, Number(x) - 4 + Number(length))
  }
  return rows
}

function modulesOfTerminal(text: string): boolean[][] {
  const rows = text
    .split('\n')
    .flatMap((line) => [
      [...line].map((c) => c === ' ' || c === '▄'),
      [...line].map((c) => c === ' ' || c === '▀'),
    ])
  const side = [...(text.split('\n')[0] ?? '')].length - 8
  return rows.slice(4, 4 + side).map((row) => row.slice(4, 4 + side))
}
