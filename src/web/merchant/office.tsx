import './office.css'

import { useLanguage } from '../parts/language.tsx'
import type { Place } from './app.tsx'
import { Frame } from './frame.tsx'
import { words } from './office-words.ts'
import { StatementPage } from './statement.tsx'
import { Statements } from './statements.tsx'
import { StoreCode } from './store-code.tsx'
import { Today } from './today.tsx'

/** What is behind the counter, by the path in the address: `#/today`. Loaded when it is asked for. */
export function Office({ place, path }: { readonly place: Place; readonly path: string }) {
  const { say } = useLanguage()
  const [, screen, id] = path.split('/')
  if (screen === 'today') {
    return (
      <Frame title={say(words.today)} back="#/office">
        <Today />
      </Frame>
    )
  }
  if (screen === 'statements' && id) return <StatementPage id={id} />
  if (screen === 'statements') {
    return (
      <Frame title={say(words.statements)} back="#/office">
        <Statements />
      </Frame>
    )
  }
  if (screen === 'code') {
    return (
      <Frame title={say(words.code)} back="#/office">
        <StoreCode place={place} />
      </Frame>
    )
  }
  return (
    <Frame title={say(words.title)} back="#counter">
      <p className="soft">
        {place.merchant.name} · {place.store.name}
      </p>
      <nav className="menu list" aria-label={say(words.title)}>
        <a className="card" href="#/today">
          {say(words.today)}
        </a>
        {place.shift?.role === 'manager' ? (
          <a className="card" href="#/statements">
            {say(words.statements)}
          </a>
        ) : (
          <p className="note">{say(words.managers)}</p>
        )}
        <a className="card" href="#/code">
          {say(words.code)}
        </a>
      </nav>
      <a className="button main" href="#counter">
        {say(words.to_counter)}
      </a>
    </Frame>
  )
}
