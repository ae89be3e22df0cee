import type { ReactNode } from 'react'

import { CareSwitch } from '../parts/care-switch.tsx'
import { LanguageSwitch, useLanguage } from '../parts/language.tsx'
import { words } from './office-words.ts'

/** A screen with its title and the way back. */
export function Frame({
  title,
  back,
  children,
}: {
  readonly title: string
  readonly back: string
  readonly children: ReactNode
}) {
  const { say } = useLanguage()
  return (
    <main>
      <div className="bar screen-only">
        <a className="button" href={back}>
          {say(words.back)}
        </a>
        <CareSwitch />
        <LanguageSwitch />
      </div>
      <h1 className="screen-only">{title}</h1>
      {children}
    </main>
  )
}
