import { useState } from 'react'

import { randomId } from '../parts/ask.ts'
import { useLanguage } from '../parts/language.tsx'
import { Qr } from '../parts/qr.tsx'
import { askTerminal } from '../parts/terminal-api.ts'
import { Trouble } from '../parts/trouble.tsx'
import type { Place } from './app.tsx'
import { sheet, words } from './office-words.ts'

/** A page of A4 for the counter: the store's code, in both languages whatever the screen speaks. */
export function StoreCode({ place }: { readonly place: Place }) {
  const { store, merchant } = place
  const { say } = useLanguage()
  return (
    <>
      <p className="screen-only">{say(words.code_lead)}</p>
      <section className="sheet">
        <p className="place">{store.name}</p>
        <p>{merchant.name}</p>
        <p lang="zh-CN">{sheet.accepts.zh}</p>
        <p lang="en">{sheet.accepts.en}</p>
        <Qr
          text={`${location.origin}/#/store/${store.id}`}
          label={say(words.code_label, { store: store.name })}
        />
        <p lang="zh-CN">{sheet.how.zh}</p>
        <p lang="en">{sheet.how.en}</p>
      </section>
      <p className="screen-only">
        <button type="button" className="main" onClick={() => print()}>
          {say(words.print)}
        </button>
      </p>
      <Self place={place} />
    </>
  )
}

/** Whether members use vouchers by the code: a manager asks, the union agrees. */
function Self({ place: { store, shift } }: { readonly place: Place }) {
  const { say } = useLanguage()
  const [state, setState] = useState(store.printed_code)
  const [error, setError] = useState<unknown>()
  async function want(wanted: boolean) {
    setError(undefined)
    await askTerminal<{ printed_code: typeof state }>(
      'PUT',
      '/terminal/printed-code',
      { wanted },
      randomId(),
    ).then((told) => setState(told.printed_code), setError)
  }
  return (
    <section className="screen-only" aria-label={say(words.self)}>
      <h2>{say(words.self)}</h2>
      <p role="status">{say(words[`self_${state}`])}</p>
      <Trouble error={error} />
      {shift?.role === 'manager' && (
        <button type="button" onClick={() => want(state === 'off')}>
          {say(state === 'off' ? words.self_ask : words.self_end)}
        </button>
      )}
    </section>
  )
}
