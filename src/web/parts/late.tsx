import { type ComponentType, lazy } from 'react'

import { useLanguage, type Words } from './language.tsx'

const missing: Words = { zh: '这一部分没有取到。', en: 'This part did not arrive.' }
const anew: Words = { zh: '重新打开', en: 'Open again' }

interface Loaded<Props> {
  readonly default: ComponentType<Props>
}

/**
 * React's `lazy` for networks that drop a file: the part says that it is missing, and the page
 * around it stays. Asked for again in the same page, a browser answers with the failure it keeps:
 * hence the page is opened anew. `instead` stands in its place where it is within a link.
 */
export function late<Props>(
  load: () => Promise<Loaded<Props>>,
  instead: ComponentType<Props> = Missing,
) {
  return lazy(() => load().catch((): Loaded<Props> => ({ default: instead })))
}

function Missing() {
  const { say } = useLanguage()
  return (
    <div className="note bad" role="alert">
      <p>{say(missing)}</p>
      <button type="button" onClick={() => location.reload()}>
        {say(anew)}
      </button>
    </div>
  )
}
