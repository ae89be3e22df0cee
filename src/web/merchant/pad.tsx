import { useState } from 'react'

import { Icon } from '../parts/icon.tsx'
import { useLanguage } from '../parts/language.tsx'
import { words } from './words.ts'

const length = 12
const erase = 'erase'
const keys = [...'123456789', erase, '0'] as const

/** The twelve digits that a member reads out. */
export function Pad({
  onDigits,
  onBack,
}: {
  readonly onDigits: (digits: string) => void
  readonly onBack: () => void
}) {
  const { say } = useLanguage()
  const [digits, setDigits] = useState('')
  const press = (key: string) =>
    setDigits((before) => (key === erase ? before.slice(0, -1) : (before + key).slice(0, length)))
  return (
    <section aria-label={say(words.digits)}>
      <label>
        {say(words.digits)}
        <input
          className="digits"
          inputMode="numeric"
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
        <button
          type="button"
          className="main"
          disabled={digits.length !== length}
          onClick={() => onDigits(digits)}
        >
          {say(words.digits_send)}
        </button>
      </div>
      <button type="button" className="quiet" onClick={onBack}>
        {say(words.back)}
      </button>
    </section>
  )
}
