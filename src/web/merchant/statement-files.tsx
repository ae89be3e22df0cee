import { useState } from 'react'

import { useLanguage } from '../parts/language.tsx'
import { fileFromTerminal } from '../parts/terminal-api.ts'
import { Trouble } from '../parts/trouble.tsx'
import { words } from './office-words.ts'
import type { Statement } from './statements.tsx'

/** The statement's files. Each is a signed request, so a link would not do. */
export function Downloads({ statement }: { readonly statement: Statement }) {
  const { say, language } = useLanguage()
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<unknown>()
  const { id, month } = statement
  const at = `/merchant/statements/${id}`
  const files = [
    [words.pdf, `${at}.pdf?language=${language}`, `statement-${month}.pdf`],
    [words.csv, `${at}.csv?language=${language}`, `statement-${month}.csv`],
    [
      words.gb18030,
      `${at}.csv?language=${language}&encoding=gb18030`,
      `statement-${month}-gb18030.csv`,
    ],
  ] as const
  async function save(path: string, name: string) {
    setBusy(true)
    setError(undefined)
    await fileFromTerminal(path).then((file) => keep(file, name), setError)
    setBusy(false)
  }
  return (
    <section aria-label={say(words.download)}>
      <h2>{say(words.download)}</h2>
      <Trouble error={error} />
      <div className="list">
        {files.map(([label, path, name]) => (
          <button type="button" key={name} disabled={busy} onClick={() => save(path, name)}>
            {say(label)}
          </button>
        ))}
      </div>
    </section>
  )
}

/** Hands a file to the browser to keep, as a click on a link to it would. */
function keep(file: Blob, name: string): void {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(file)
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000)
}
