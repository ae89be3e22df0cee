import { useEffect, useRef, useState } from 'react'

import { Icon } from '../parts/icon.tsx'
import { useLanguage } from '../parts/language.tsx'
import { words } from './words.ts'

const length = 12
const erase = 'erase'
const keys = [...'123456789', erase, '0'] as const

/** The twelve digits that a member reads out: by the keys here, or by those of a keyboard. */
export function Pad({
  onDigits,
  onBack,
}: {
  readonly onDigits: (digits: string) => void
  readonly onBack: () => void
}) {
  const { say } = useLanguage()
  const [digits, setDigits] = useState('')
  const field = useRef<HTMLInputElement>(null)
  useEffect(() => field.current?.focus(), [])
  const press = (key: string) =>
    setDigits((before) => (key === erase ? before.slice(0, -1) : (before + key).slice(0, length)))
  return (
    <form
      aria-label={say(words.digits)}
      onSubmit={(event) => {
        event.preventDefault()
        if (digits.length === length) onDigits(digits)
      }}
    >
      <label>
        {say(words.digits)}
        <input
          ref={field}
          className="digits"
          inputMode="none"
          autoComplete="off"
          value={digits}
          onChange={(event) => setDigits(event.target.value.replace(/\D/g, '').slice(0, length))}
        />
      </label>
      <div className="pad">
        {keys.map((key) => (
          <button
            type="button"
            key={key}
            aria-label={key === erase ? say(words.erase) : key}
            onClick={() => press(key)}
          >
            {key === erase ? <Icon name="erase" /> : key}
          </button>
        ))}
        <button type="submit" className="main" disabled={digits.length !== length}>
          {say(words.digits_send)}
        </button>
      </div>
      <button type="button" className="quiet" onClick={onBack}>
        {say(words.back)}
      </button>
    </form>
  )
}
