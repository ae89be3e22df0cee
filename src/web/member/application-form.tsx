import { type FormEvent, useRef, useState } from 'react'

import { Refused, randomId } from '../parts/ask.ts'
import { useLanguage, type Words } from '../parts/language.tsx'
import { Trouble } from '../parts/trouble.tsx'
import { documents, occupations, joiningWords as words } from './joining-words.ts'

/** What an application says, in the API's words. */
export interface Said {
  readonly name: string
  readonly id_type: string
  readonly id_number: string
  readonly mobile: string
  readonly occupation: string
  readonly consent: true
  readonly device_name: string
}

/**
 * Who somebody is, and that they agree. `send` is given the same idempotency key for the same
 * answers, so that a lost answer is asked for again.
 */
export function ApplicationForm({
  send,
}: {
  readonly send: (said: Said, idempotencyKey: string) => Promise<void>
}) {
  const { say } = useLanguage()
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<unknown>()
  const attempt = useRef({ said: '', key: '' })

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    const said = saidIn(new FormData(event.currentTarget))
    const text = JSON.stringify(said)
    if (attempt.current.said !== text) attempt.current = { said: text, key: randomId() }
    setBusy(true)
    setError(undefined)
    await send(said, attempt.current.key).catch(setError)
    setBusy(false)
  }

  return (
    <form onSubmit={submit}>
      <Field name="name" label={words.name} autoComplete="name" maxLength={64} />
      <Choice name="id_type" label={words.id_type} options={documents} />
      <Field name="id_number" label={words.id_number} autoComplete="off" maxLength={32} />
      <Field
        name="mobile"
        label={words.mobile}
        autoComplete="tel-national"
        inputMode="tel"
        maxLength={20}
      />
      <Choice name="occupation" label={words.occupation} options={occupations} blank />
      <label className="check">
        <input type="checkbox" name="consent" required />
        <span>{say(words.consent)}</span>
      </label>
      <Faults error={error} />
      <button type="submit" className="main" disabled={busy}>
        {say(busy ? words.sending : words.apply)}
      </button>
    </form>
  )
}

function Field({
  label,
  ...input
}: {
  readonly name: string
  readonly label: Words
  readonly autoComplete: string
  readonly maxLength: number
  readonly inputMode?: 'tel'
}) {
  const { say } = useLanguage()
  return (
    <label>
      {say(label)}
      <input {...input} required />
    </label>
  )
}

function Choice({
  name,
  label,
  options,
  blank = false,
}: {
  readonly name: string
  readonly label: Words
  readonly options: readonly (readonly [value: string, words: Words])[]
  readonly blank?: boolean
}) {
  const { say } = useLanguage()
  return (
    <label>
      {say(label)}
      <select name={name} required defaultValue={blank ? '' : options[0]?.[0]}>
        {blank && <option value="">{say(words.choose)}</option>}
        {options.map(([value, text]) => (
          <option key={value} value={value}>
            {say(text)}
          </option>
        ))}
      </select>
    </label>
  )
}

/** Which fields are wrong, where the API says so. */
function Faults({ error }: { readonly error: unknown }) {
  const { say } = useLanguage()
  const issues = error instanceof Refused ? (error.problem as { issues?: string[] }).issues : []
  const fields = (issues ?? []).flatMap((issue) => {
    const name = issue.split(':')[0] as keyof typeof words
    return ['name', 'id_number', 'mobile', 'occupation'].includes(name) ? [say(words[name])] : []
  })
  if (fields.length === 0) return <Trouble error={error} />
  return (
    <p className="note bad" role="alert">
      {say(words.check_fields, { fields: [...new Set(fields)].join('、') })}
    </p>
  )
}

function saidIn(form: FormData): Said {
  const text = (name: string) => String(form.get(name) ?? '').trim()
  return {
    name: text('name'),
    id_type: text('id_type'),
    id_number: text('id_number'),
    mobile: text('mobile'),
    occupation: text('occupation'),
    consent: true,
    device_name: deviceName(),
  }
}

/** What the member reads among their devices. */
export function deviceName(): string {
  return /iPhone|iPad|Android|HarmonyOS|Windows|Macintosh/.exec(navigator.userAgent)?.[0] ?? 'phone'
}
