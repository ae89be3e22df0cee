import { useEffect, useState } from 'react'

import { useAwake } from '../parts/awake.ts'
import { useLanguage } from '../parts/language.tsx'
import { Qr } from '../parts/qr.tsx'
import { Ring } from '../parts/ring.tsx'
import { now } from '../parts/server-clock.ts'
import { speak, spoken } from '../parts/speak.ts'
import { timeText } from '../parts/times.ts'
import { periodSeconds, useTurning } from '../parts/turning.ts'
import { freshPass, identityCapsule, keptPass, type Pass } from './capsule.ts'
import { fetchCredential } from './credential.ts'
import { PortraitPicture } from './portrait-picture.tsx'
import { useWallet } from './wallet.tsx'
import { words } from './words.ts'

/** The card as others check it: a capsule that turns every half minute, on white. */
export function Card() {
  const { say } = useLanguage()
  const [pass, setPass] = useState<Pass | null>()
  useEffect(() => {
    void keptPass().then(async (kept) => {
      setPass(kept ?? null)
      await fetchCredential()
        .then(freshPass)
        .then(setPass, () => {})
    })
  }, [])
  if (pass === undefined) return <p>{say(words.loading)}</p>
  return (
    <>
      <h1>{say(words.show_card)}</h1>
      {pass === null && <p className="note bad">{say(words.card_none)}</p>}
      {pass !== null && pass.valid_until <= now() && (
        <p className="note bad">{say(words.card_ended)}</p>
      )}
      {pass !== null && pass.valid_until > now() && <Shown pass={pass} />}
    </>
  )
}

function Shown({ pass }: { readonly pass: Pass }) {
  const { say, language } = useLanguage()
  const { holdings } = useWallet()
  useAwake()
  const [capsule, left] = useTurning(() => identityCapsule(pass), pass.pass)
  const name = holdings?.profile.name_masked ?? ''
  const union = holdings?.profile.organisation.name ?? ''
  const aloud = [say(words.show_card), union, say(words.card_sees, { name })]
  return (
    <section className="white-card" aria-label={say(words.show_card)}>
      {capsule && <Qr text={capsule} label={say(words.show_card)} />}
      <PortraitPicture shown />
      <div className="bar">
        <strong>{name}</strong>
        <Ring left={left} of={periodSeconds} />
      </div>
      <p>{say(words.card_sees, { name })}</p>
      <p>
        <button type="button" onClick={() => speak(spoken(aloud, language), language)}>
          {say(words.read_aloud)}
        </button>
      </p>
      <p className="soft">
        {say(words.card_checked, { time: timeText(pass.checkedAt, language) })}
        <br />
        {say(words.card_until, { time: timeText(pass.valid_until, language) })}
      </p>
    </section>
  )
}
