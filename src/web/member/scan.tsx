import { useLocation } from 'wouter'

import { useLanguage } from '../parts/language.tsx'
import { Scanner } from '../parts/scanner.tsx'
import { words } from './words.ts'

/** Scans a request that a shop, a counter or a page shows, or a store's printed code. */
export function Scan() {
  const { say } = useLanguage()
  const [, go] = useLocation()
  return (
    <>
      <h1>{say(words.scan_request)}</h1>
      <p>{say(words.scan_lead)}</p>
      <Scanner
        paused={false}
        onCode={(text) => {
          const [, query] =
            /^(?:openid4vp:\/\/|https?:\/\/[^?#]+\/present)\/?\?(.+)$/.exec(text) ?? []
          const [, store] = /^https?:\/\/[^?#]+\/#\/store\/([A-Za-z0-9._-]{1,64})$/.exec(text) ?? []
          if (store !== undefined) go(`/store/${store}`)
          else if (query !== undefined) go(`/present/${encodeURIComponent(query)}`)
        }}
      />
    </>
  )
}
