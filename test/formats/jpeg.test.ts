import { describe, expect, it } from 'vitest'

import { portraitFault, withoutMetadata } from '../../src/formats/jpeg.ts'
import { jfif, jpeg, segment } from '../support/portrait.ts'

const exif = segment(0xe1, 'Exif\0\0II*\0 GPS 38.47 106.27')
const good = jpeg(1)
const spoilt: readonly [what: string, octets: Uint8Array, why: string][] = [
  ['nothing', Buffer.alloc(0), 'not_jpeg'],
  ['a PNG', Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex'), 'not_jpeg'],
  ['a beginning', good.subarray(0, 200), 'not_jpeg'],
  ['one without its end', good.subarray(0, -2), 'not_jpeg'],
  ['one with something behind its end', jpeg(1, { behind: Buffer.from('PK') }), 'not_jpeg'],
  ['two pictures in one', Buffer.concat([good, good]), 'not_jpeg'],
  ['a lossless one', jpeg(1, { frame: 0xc3 }), 'metadata'],
  ['Exif with a place', jpeg(1, { more: [exif] }), 'metadata'],
  ['a colour profile', jpeg(1, { more: [segment(0xe2, 'ICC_PROFILE\0')] }), 'metadata'],
  ['a comment', jpeg(1, { more: [segment(0xfe, 'taken at home')] }), 'metadata'],
  ['a thumbnail in its head', jpeg(1, { more: [segment(0xe0, 'JFXX\0\x10')] }), 'metadata'],
  ['a frame within a frame', jpeg(1, { more: [good.subarray(89, 108)] }), 'not_jpeg'],
  ['another size', jpeg(1, { width: 480, height: 360 }), 'dimensions'],
  ['the size of a photograph', jpeg(1, { width: 3000, height: 4000 }), 'dimensions'],
  ['too many octets', jpeg(1, { scan: 60_000 }), 'too_large'],
]

describe('a portrait', () => {
  it('is a JPEG of 360 by 480, baseline or progressive, and nothing besides', () => {
    expect(portraitFault(good)).toBeUndefined()
    expect(portraitFault(jpeg(2, { frame: 0xc2 }))).toBeUndefined()
    expect(portraitFault(jpeg(3, { scan: 59_000 }))).toBeUndefined()
  })

  it.each(spoilt)('is not %s', (_, octets, why) => {
    expect(portraitFault(octets)).toBe(why)
  })

  it('is refused or taken wherever it is cut or changed, never a mistake', () => {
    for (let at = 0; at < good.length; at++) {
      expect(portraitFault(good.subarray(0, at))).toBeDefined()
      for (const octet of [0, 0xff, 0xda, 0xd9]) {
        const changed = Buffer.from(good)
        changed[at] = octet
        expect(() => portraitFault(changed)).not.toThrow()
      }
    }
  })
})

describe('a JPEG without metadata', () => {
  it('is the same picture, and says nothing else', () => {
    const told = jpeg(4, { more: [exif, segment(0xe2, 'ICC_PROFILE\0'), segment(0xfe, 'home')] })
    const bare = withoutMetadata(told)
    expect(Buffer.from(bare ?? [])).toEqual(jpeg(4))
    expect(Buffer.from(bare ?? []).includes(jfif)).toBe(true)
    expect(withoutMetadata(Buffer.from('GIF89a'))).toBeUndefined()
  })
})
