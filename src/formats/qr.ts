import QRCode from 'qrcode'

/** Light modules on each side, as ISO/IEC 18004 asks. */
const quiet = 4

/** A QR code: rows of modules, true is dark, without the quiet zone. */
export interface QrCode {
  /** 1 to 40. A side has 17 + 4 * version modules. */
  readonly version: number
  readonly modules: readonly (readonly boolean[])[]
}

/**
 * Encodes `text` at error correction level M: for all our codes, whichever way they are drawn.
 * Upper-case texts (`SY1:` and base45) take the alphanumeric mode. TypeError when it is too long.
 */
export function encodeQr(text: string): QrCode {
  try {
    const { version, modules } = QRCode.create(text, { errorCorrectionLevel: 'M' })
    const { size, data } = modules
    const rows = Array.from({ length: size }, (_, y) =>
      Array.from({ length: size }, (_, x) => data[y * size + x] === 1),
    )
    return { version, modules: rows }
  } catch (cause) {
    throw new TypeError('the text does not fit a QR code', { cause })
  }
}

/**
 * An SVG document of a code, black on a white card with its quiet zone, as large as its frame.
 * `label` is what a screen reader says.
 */
export function qrSvg(code: QrCode, label: string): string {
  const { side, path } = qrPath(code)
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${side} ${side}" role="img" ` +
    `shape-rendering="crispEdges"><title>${escapeXml(label)}</title>` +
    `<path fill="#fff" d="M0 0h${side}v${side}H0z"/>` +
    `<path stroke="#000" transform="translate(0 .5)" d="${path}"/></svg>`
  )
}

/**
 * The dark modules as an SVG path, to be stroked half a unit lower, in a square of `side` units
 * that has the quiet zone in it.
 */
export function qrPath({ modules }: QrCode): { side: number; path: string } {
  const path = modules
    .flatMap((row, y) => runsOf(row).map(([x, length]) => `M${x + quiet} ${y + quiet}h${length}`))
    .join('')
  return { side: modules.length + 2 * quiet, path }
}

/** The same for a terminal: two rows of modules to a line, drawn light on dark or dark on light. */
export function qrTerminal({ modules }: QrCode): string {
  const side = modules.length + 2 * quiet
  const dark = (x: number, y: number) => modules[y - quiet]?.[x - quiet] === true
  const lines: string[] = []
  for (let y = 0; y < side; y += 2) {
    let line = ''
    for (let x = 0; x < side; x++) {
      // Light modules are drawn: terminals are dark more often than not.
      line += [' ', '▄', '▀', '█'][(dark(x, y) ? 0 : 2) + (dark(x, y + 1) || y + 1 >= side ? 0 : 1)]
    }
    lines.push(line)
  }
  return lines.join('\n')
}

/** A PNG picture of a code, at least `pixels` wide, with its quiet zone. On the server only. */
export function qrPng(text: string, pixels: number): Promise<Uint8Array> {
  return QRCode.toBuffer(text, {
    type: 'png',
    errorCorrectionLevel: 'M',
    margin: quiet,
    width: pixels,
  })
}

/** Runs of dark modules: where each begins, and how long it is. */
function runsOf(row: readonly boolean[]): [start: number, length: number][] {
  const runs: [number, number][] = []
  for (let x = 0; x < row.length; x++) {
    if (!row[x]) continue
    const start = x
    while (row[x + 1]) x++
    runs.push([start, x - start + 1])
  }
  return runs
}

function escapeXml(text: string): string {
  return text.replace(/[&<>]/g, (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;' })[c] ?? c)
}
