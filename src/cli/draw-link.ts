import { encodeQr, qrTerminal } from '../formats/qr.ts'
import type { Io } from './io.ts'

/** Draws a link as a QR code where people look at it: on a terminal, and nowhere else. */
export function drawLink({ stdout }: Io, link: string): void {
  if (stdout.isTTY) stdout.write(`${qrTerminal(encodeQr(link))}\n`)
}
