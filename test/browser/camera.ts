import { closeSync, existsSync, openSync, writeSync } from 'node:fs'

import type { Page } from 'playwright-core'
import { PNG } from 'pngjs'

const width = 640
const height = 480

/**
 * What makes Chromium take a file for its camera. All its pages have the one camera, and each frame
 * is read from the file when it is due: what is written is seen at once, by whoever looks already.
 */
export function cameraArguments(file: string): readonly string[] {
  return [
    '--use-fake-ui-for-media-stream',
    '--use-fake-device-for-media-stream',
    `--use-file-for-fake-video-capture=${file}`,
  ]
}

/** Shows the camera an empty grey table. */
export function showNothing(file: string): void {
  writeVideo(file, Buffer.alloc(width * height, 160))
}

/** Shows the camera what a page shows of `what`: its picture, lying on a grey table. */
export async function showScreen(file: string, screen: Page, what: string): Promise<void> {
  const picture = PNG.sync.read(await screen.locator(what).screenshot())
  const light = Buffer.alloc(width * height, 160)
  const size = Math.floor(height * 0.94)
  const scale = Math.max(picture.width, picture.height) / size
  const [left, top] = [picture.width, picture.height].map((side, i) => {
    return Math.floor(((i === 0 ? width : height) - side / scale) / 2)
  }) as [number, number]
  for (let y = 0; y < Math.floor(picture.height / scale); y++) {
    for (let x = 0; x < Math.floor(picture.width / scale); x++) {
      const at = (Math.floor(y * scale) * picture.width + Math.floor(x * scale)) * 4
      const [r = 0, g = 0, b = 0] = picture.data.subarray(at, at + 3)
      light[(top + y) * width + left + x] = 16 + 0.257 * r + 0.504 * g + 0.098 * b
    }
  }
  writeVideo(file, light)
}

/**
 * Two frames of YUV4MPEG2: grey pictures need no more. They are written over those before, which are
 * as long: Chromium, which may be reading, never finds the file short.
 */
function writeVideo(file: string, light: Buffer): void {
  const head = Buffer.from(`YUV4MPEG2 W${width} H${height} F20:1 Ip A1:1 C420jpeg\n`)
  const colour = Buffer.alloc((width * height) / 2, 128)
  const frame = Buffer.concat([Buffer.from('FRAME\n'), light, colour])
  const video = Buffer.concat([head, frame, frame])
  const open = openSync(file, existsSync(file) ? 'r+' : 'w')
  writeSync(open, video, 0, video.length, 0)
  closeSync(open)
}
