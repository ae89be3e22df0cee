import { useLanguage } from '../parts/language.tsx'
import { Qr } from '../parts/qr.tsx'
import type { Place } from './app.tsx'
import { sheet, words } from './office-words.ts'

/** A page of A4 for the counter: the store's code, in both languages whatever the screen speaks. */
export function StoreCode({ place: { store, merchant } }: { readonly place: Place }) {
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
    </>
  )
}
