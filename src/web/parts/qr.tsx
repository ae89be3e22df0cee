import { encodeQr } from '../../formats/qr.ts'

const quiet = 4

/** A QR code on its white card, in every theme. `label` is what a screen reader says. */
export function Qr({ text, label }: { readonly text: string; readonly label: string }) {
  const { modules } = encodeQr(text)
  const side = modules.length + 2 * quiet
  const path = modules
    .map((row, y) =>
      row.map((dark, x) => (dark ? `M${x + quiet} ${y + quiet}h1v1h-1z` : '')).join(''),
    )
    .join('')
  return (
    <svg
      className="qr"
      viewBox={`0 0 ${side} ${side}`}
      role="img"
      aria-label={label}
      shapeRendering="crispEdges"
    >
      <path fill="#fff" d={`M0 0h${side}v${side}H0z`} />
      <path fill="#000" d={path} />
    </svg>
  )
}
