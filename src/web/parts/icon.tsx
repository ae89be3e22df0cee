const paths = {
  home: 'M4 11 12 4l8 7M6 10v9h12v-9',
  rights: 'M4 12l5 5L20 6',
  vouchers: 'M4 7h16v3a2 2 0 0 0 0 4v3H4v-3a2 2 0 0 0 0-4zM14 8v8',
  me: 'M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4 20a8 8 0 0 1 16 0',
  erase: 'M9 6h11v12H9l-6-6zM12 10l4 4M16 10l-4 4',
  yes: 'M4 12l5 5L20 6',
  attention: 'M12 4v10M12 19v.5',
  no: 'M5 5l14 14M19 5 5 19',
  wait: 'M5 12h.5M12 12h.5M19 12h.5',
} as const

export type IconName = keyof typeof paths

/** A picture that stands beside words: fonts of cheap phones lack the signs for it. */
export function Icon({ name }: { readonly name: IconName }) {
  return (
    <svg
      className="icon"
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      strokeWidth="2"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
    >
      <path d={paths[name]} />
    </svg>
  )
}
