import { type FormEvent, useState } from 'react'

import { randomId } from '../parts/ask.ts'
import { useLanguage } from '../parts/language.tsx'
import { askTerminal } from '../parts/terminal-api.ts'
import { Trouble } from '../parts/trouble.tsx'
import { words } from './office-words.ts'
import type { DisputeReason, Statement } from './statements.tsx'

const reasons: readonly DisputeReason[] = [
  'missing_redemption',
  'wrong_amount',
  'not_ours',
  'reversal_not_made',
  'other',
]

/** What the merchant holds against a statement: a reason, and a few words of its own. */
export function DisputeForm({
  path,
  onDone,
  onBack,
}: {
  readonly path: string
  readonly onDone: (now: Statement) => void
  readonly onBack: () => void
}) {
  const { say } = useLanguage()
  const [key, setKey] = useState(randomId)
  const [error, setError] = useState<unknown>()
  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    const given = new FormData(event.currentTarget)
    const text = String(given.get('text') ?? '').trim()
    const body = { reason: given.get('reason'), ...(text !== '' && { text }) }
    await askTerminal<Statement>('POST', `${path}/disputes`, body, key).then(
      onDone,
      (failed: unknown) => {
        setError(failed)
        setKey(randomId()) // another text is another request
      },
    )
  }
  return (
    <form onSubmit={submit}>
      <label>
        {say(words.dispute_why)}
        <select name="reason" required>
          {reasons.map((reason) => (
            <option key={reason} value={reason}>
              {say(words[`why_${reason}`])}
            </option>
          ))}
        </select>
      </label>
      <label>
        {say(words.dispute_text)}
        <input name="text" maxLength={200} autoComplete="off" />
      </label>
      <p className="soft">{say(words.dispute_hint)}</p>
      <Trouble error={error} />
      <button type="submit" className="main">
        {say(words.dispute_send)}
      </button>
      <p>
        <button type="button" onClick={onBack}>
          {say(words.back)}
        </button>
      </p>
    </form>
  )
}
