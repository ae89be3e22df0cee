import { type ChangeEvent, useCallback, useEffect, useState } from 'react'

import { fromBase64url, toBase64url } from '../../base/bytes.ts'
import { randomId } from '../parts/ask.ts'
import { useLanguage } from '../parts/language.tsx'
import { askMember } from '../parts/member-api.ts'
import { portraitReasonNames } from '../parts/portrait-reasons.ts'
import { Trouble } from '../parts/trouble.tsx'
import type { GivenPortrait, Portraits } from './portrait.ts'
import { cropped, middle, openPicture } from './portrait-crop.ts'
import { Picture, useBlobUrl } from './portrait-picture.tsx'
import { portraitWords as words } from './portrait-words.ts'
import { Sure } from './sure.tsx'
import { useWallet } from './wallet.tsx'

/** The member's portrait: what became of it, giving another, taking it back. */
export function PortraitScreen() {
  const { say } = useLanguage()
  const { refresh } = useWallet()
  const [held, setHeld] = useState<Portraits>()
  const [chosen, setChosen] = useState<HTMLImageElement>()
  const [unreadable, setUnreadable] = useState(false)
  const [error, setError] = useState<unknown>()
  const load = useCallback(async () => {
    setChosen(undefined)
    await askMember<Portraits>('GET', '/me/portrait').then(setHeld, setError)
    await refresh()
  }, [refresh])
  useEffect(() => void load(), [load])
  async function choose(file: File) {
    setUnreadable(false)
    setChosen(undefined)
    await openPicture(file).then(setChosen, () => setUnreadable(true))
  }
  return (
    <>
      <h1>{say(words.portrait)}</h1>
      <p>{say(words.lead)}</p>
      <Trouble error={error} />
      {!held && error === undefined && <p>{say(words.loading)}</p>}
      {held && <Held held={held} />}
      <section className="card" aria-label={say(words.file)}>
        <p>{say(words.hint)}</p>
        <p className="soft">{say(words.private)}</p>
        <Choose name={say(words.camera)} onChoose={choose} camera />
        <Choose name={say(words.file)} onChoose={choose} />
        {unreadable && (
          <p className="note bad" role="alert">
            {say(words.unreadable)}
          </p>
        )}
      </section>
      {chosen && <Try key={chosen.src} image={chosen} onGiven={load} />}
      {(held?.accepted || held?.waiting) && <Remove onRemoved={load} />}
    </>
  )
}

function Held({ held }: { readonly held: Portraits }) {
  const { say } = useLanguage()
  const { accepted, waiting, refused } = held
  const reason = refused && portraitReasonNames[refused.reason]
  return (
    <>
      {!accepted && !waiting && <p className="soft">{say(words.none)}</p>}
      {reason && <p className="note bad">{say(words.refused, { reason: say(reason) })}</p>}
      {accepted && <Kept portrait={accepted} state={say(words.accepted)} />}
      {waiting && <Kept portrait={waiting} state={say(words.waiting)} />}
    </>
  )
}

function Kept({ portrait, state }: { readonly portrait: GivenPortrait; readonly state: string }) {
  const [blob, setBlob] = useState<Blob>()
  useEffect(() => {
    const octets = fromBase64url(portrait.jpeg)
    setBlob(octets && new Blob([octets], { type: 'image/jpeg' }))
  }, [portrait.jpeg])
  const url = useBlobUrl(blob)
  return (
    <figure className="card holder">
      {url && <Picture url={url} name="" />}
      <figcaption>
        <strong>{state}</strong>
      </figcaption>
    </figure>
  )
}

function Choose({
  name,
  onChoose,
  camera = false,
}: {
  readonly name: string
  readonly onChoose: (file: File) => void
  readonly camera?: boolean
}) {
  function change({ currentTarget }: ChangeEvent<HTMLInputElement>) {
    const [file] = currentTarget.files ?? []
    if (file) onChoose(file)
    currentTarget.value = ''
  }
  return (
    <label className="button portrait-choose">
      {name}
      <input type="file" accept="image/*" {...(camera && { capture: 'user' })} onChange={change} />
    </label>
  )
}

const ranges = [
  ['zoom', words.zoom, 1, 3],
  ['across', words.across, 0, 1],
  ['down', words.down, 0, 1],
] as const

function Try({
  image,
  onGiven,
}: {
  readonly image: HTMLImageElement
  readonly onGiven: () => Promise<void>
}) {
  const { say } = useLanguage()
  const [crop, setCrop] = useState(middle)
  const [octets, setOctets] = useState<Uint8Array>()
  const [blob, setBlob] = useState<Blob>()
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<unknown>()
  const [key] = useState(randomId)
  const url = useBlobUrl(blob)
  useEffect(() => {
    let over = false
    cropped(image, crop).then((made) => {
      if (over) return
      setOctets(made)
      setBlob(new Blob([new Uint8Array(made)], { type: 'image/jpeg' }))
    }, setError)
    return () => {
      over = true
    }
  }, [image, crop])
  async function give() {
    if (!octets) return
    setBusy(true)
    setError(undefined)
    const body = { jpeg: toBase64url(octets) }
    await askMember('POST', '/me/portrait', body, key).then(onGiven, setError)
    setBusy(false)
  }
  return (
    <section className="card portrait-try" aria-label={say(words.preview)}>
      {url && <Picture url={url} name={say(words.preview)} />}
      {ranges.map(([which, name, min, max]) => (
        <label key={which}>
          {say(name)}
          <input
            type="range"
            min={min}
            max={max}
            step={0.05}
            value={crop[which]}
            onChange={({ currentTarget }) =>
              setCrop({ ...crop, [which]: Number(currentTarget.value) })
            }
          />
        </label>
      ))}
      <Trouble error={error} />
      <button type="button" className="main" disabled={busy || !octets} onClick={give}>
        {say(words.give)}
      </button>
    </section>
  )
}

function Remove({ onRemoved }: { readonly onRemoved: () => Promise<void> }) {
  const { say } = useLanguage()
  const [asking, setAsking] = useState(false)
  const [error, setError] = useState<unknown>()
  async function remove() {
    setAsking(false)
    await askMember('DELETE', '/me/portrait').then(onRemoved, setError)
  }
  return (
    <>
      <Trouble error={error} />
      {!asking && (
        <button type="button" className="quiet" onClick={() => setAsking(true)}>
          {say(words.remove)}
        </button>
      )}
      {asking && <Sure question={words.remove_sure} act={remove} back={() => setAsking(false)} />}
    </>
  )
}
