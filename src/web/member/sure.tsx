import { useLanguage, type Words } from '../parts/language.tsx'
import { words } from './words.ts'

/** Asks once more before something that cannot be taken back. */
export function Sure({
  question,
  act,
  back,
}: {
  readonly question: Words
  readonly act: () => void
  readonly back: () => void
}) {
  const { say } = useLanguage()
  return (
    <div className="note bad">
      <p>{say(question)}</p>
      <div className="bar">
        <button type="button" onClick={act}>
          {say(words.yes)}
        </button>
        <button type="button" onClick={back}>
          {say(words.no)}
        </button>
      </div>
    </div>
  )
}
