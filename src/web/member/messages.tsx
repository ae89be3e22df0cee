import { type FormEvent, useCallback, useEffect, useState } from 'react'

import { useLanguage, type Words } from '../parts/language.tsx'
import { askMember } from '../parts/member-api.ts'
import { timeText } from '../parts/times.ts'
import { Trouble } from '../parts/trouble.tsx'
import { mutableKinds, toldWords as words } from './told-words.ts'
import { useWallet } from './wallet.tsx'

interface Message {
  readonly id: string
  readonly text: Words
  readonly at: number
  readonly read_at?: number
}
interface Inbox {
  readonly items: readonly Message[]
  readonly next?: string
}
interface Preferences {
  readonly language: 'zh' | 'en'
  readonly muted: readonly string[]
  readonly quiet_from: number
  readonly quiet_to: number
}

const hours = Array.from({ length: 24 }, (_, hour) => hour)

/** What the member was told, the latest first. Whatever was shown counts as read. */
export function MessagesScreen() {
  const { say, language } = useLanguage()
  const { refresh } = useWallet()
  const [items, setItems] = useState<readonly Message[]>()
  const [next, setNext] = useState<string>()
  const [error, setError] = useState<unknown>()
  const load = useCallback(
    async (after = '') => {
      const path = `/me/messages${after && `?after=${after}`}`
      try {
        const told = await askMember<Inbox>('GET', path)
        setItems((before = []) => (after ? [...before, ...told.items] : told.items))
        setNext(told.next)
        const ids = told.items.filter(({ read_at }) => !read_at).map(({ id }) => id)
        if (ids.length === 0) return
        await askMember('POST', '/me/messages/read', { ids })
        await refresh()
      } catch (failed) {
        setError(failed)
      }
    },
    [refresh],
  )
  useEffect(() => void load(), [load])
  return (
    <>
      <h1>{say(words.messages)}</h1>
      <Trouble error={error} />
      {items?.length === 0 && <p className="soft">{say(words.no_messages)}</p>}
      {items?.map(({ id, text, at, read_at }) => (
        <div className="card" key={id}>
          <p>
            {!read_at && <strong>{say(words.unread)} · </strong>}
            {say(text)}
          </p>
          <p className="soft">{timeText(at, language)}</p>
        </div>
      ))}
      {next && (
        <button type="button" onClick={() => load(next)}>
          {say(words.more)}
        </button>
      )}
      <How />
    </>
  )
}

function How() {
  const { say } = useLanguage()
  const [wanted, setWanted] = useState<Preferences>()
  const [saved, setSaved] = useState(false)
  const [error, setError] = useState<unknown>()
  useEffect(() => {
    void askMember<Preferences>('GET', '/me/preferences').then(setWanted, setError)
  }, [])
  async function save(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    setSaved(false)
    setError(undefined)
    const form = new FormData(event.currentTarget)
    const body = {
      language: String(form.get('language')),
      quiet_from: Number(form.get('from')),
      quiet_to: Number(form.get('to')),
      muted: mutableKinds.flatMap(([kinds], i) => (form.has(`kind${i}`) ? [] : kinds)),
    }
    await askMember('PUT', '/me/preferences', body).then(() => setSaved(true), setError)
  }
  if (!wanted) return <Trouble error={error} />
  return (
    <form onSubmit={save}>
      <h2>{say(words.how)}</h2>
      <p className="soft">{say(words.how_lead)}</p>
      <label>
        {say(words.message_language)}
        <select name="language" defaultValue={wanted.language}>
          <option value="zh">{say(words.chinese)}</option>
          <option value="en">{say(words.english)}</option>
        </select>
      </label>
      <fieldset className="card">
        <legend>{say(words.quiet)}</legend>
        <p className="soft">{say(words.quiet_lead)}</p>
        <Hour name="from" label={say(words.quiet_from)} value={wanted.quiet_from} />
        <Hour name="to" label={say(words.quiet_to)} value={wanted.quiet_to} />
      </fieldset>
      <fieldset className="card">
        <legend>{say(words.by_phone)}</legend>
        {mutableKinds.map(([kinds, name], i) => (
          <label className="check" key={name.en}>
            <input
              type="checkbox"
              name={`kind${i}`}
              defaultChecked={!kinds.some((kind) => wanted.muted.includes(kind))}
            />
            {say(name)}
          </label>
        ))}
        <p className="soft">{say(words.always_lead)}</p>
      </fieldset>
      <Trouble error={error} />
      <button type="submit">{say(words.save)}</button>
      {saved && <p role="status">{say(words.saved)}</p>}
    </form>
  )
}

function Hour({
  name,
  label,
  value,
}: {
  readonly name: string
  readonly label: string
  readonly value: number
}) {
  return (
    <label>
      {label}
      <select name={name} defaultValue={value}>
        {hours.map((hour) => (
          <option key={hour} value={hour}>
            {String(hour).padStart(2, '0')}:00
          </option>
        ))}
      </select>
    </label>
  )
}
