import { type ReactNode, useEffect } from 'react'

import { Icon } from './icon.tsx'
import { useLanguage } from './language.tsx'
import { type Mood, signal } from './signal.ts'

const signs = { good: 'yes', warn: 'attention', bad: 'no', ask: 'wait' } as const

/** One full-screen answer: colour, sign, few words, sound, vibration and speech. */
export function Answer({
  mood,
  words,
  spoken = words,
  children,
}: {
  readonly mood: Mood
  readonly words: string
  readonly spoken?: string
  readonly children?: ReactNode
}) {
  const { language } = useLanguage()
  useEffect(() => signal(mood, spoken, language), [mood, spoken, language])
  return (
    <div className={`answer ${mood}`} role="alert" data-mood={mood}>
      <span className="sign">
        <Icon name={signs[mood]} />
      </span>
      <span className="words">{words}</span>
      {children}
    </div>
  )
}
