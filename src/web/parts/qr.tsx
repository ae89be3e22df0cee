import { encodeQr, qrPath } from '../../formats/qr.ts'

/** A QR code on its white card, in every theme. `label` is what a screen reader says. */
export function Qr({ text, label }: { readonly text: string; readonly label: string }) {
  const { side, path } = qrPath(encodeQr(text))
  return (
    <svg
      className="qr"
      viewBox={`0 0 ${side} ${side}`}
      role="img"
      aria-label={label}
      shapeRendering="crispEdges"
    >
      <path fill="#fff" d={`M0 0h${side}v${side}H0z`} />
      <path stroke="#000" transform="translate(0 .5)" d={path} />
    </svg>
  )
}
