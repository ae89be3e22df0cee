/** How much of a code's time is left: a ring that empties. Decoration: the code renews itself. */
export function Ring({ left, of }: { readonly left: number; readonly of: number }) {
  const length = 2 * Math.PI * 15
  return (
    <svg width="36" height="36" viewBox="0 0 36 36" aria-hidden="true">
      <circle cx="18" cy="18" r="15" fill="none" stroke="#d5d2cd" strokeWidth="4" />
      <circle
        className="ring"
        cx="18"
        cy="18"
        r="15"
        fill="none"
        stroke="#b3131b"
        strokeWidth="4"
        strokeDasharray={length}
        strokeDashoffset={length * (1 - left / of)}
        transform="rotate(-90 18 18)"
      />
      <text x="18" y="22" textAnchor="middle" fontSize="12" fill="#1c1b1a">
        {Math.ceil(left)}
      </text>
    </svg>
  )
}
