import { useLanguage } from '../parts/language.tsx'
import { NotShown } from '../parts/passkey.ts'
import { Trouble } from '../parts/trouble.tsx'
import { passkeyWords as words } from './passkey-words.ts'

/** What went wrong with a passkey: that none was shown is no fault. */
export function PasskeyTrouble({ error }: { readonly error: unknown }) {
  const { say } = useLanguage()
  if (!(error instanceof NotShown)) return <Trouble error={error} />
  return (
    <p className="note" role="alert">
      {say(words.not_shown)}
    </p>
  )
}
