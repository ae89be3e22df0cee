import { useEffect, useState } from 'react'
import { Link } from 'wouter'

import { FormatError } from '../../formats/error.ts'
import { useLanguage, type Words } from '../parts/language.tsx'
import { moneyText } from '../parts/times.ts'
import { type Asked, agree, decline, readRequest, shownBy, ticked } from './consent.ts'
import { consentWords as words } from './consent-words.ts'

type Step =
  | { readonly at: 'reading' | 'shown' | 'declined' }
  | { readonly at: 'asked'; readonly asked: Asked; readonly plan: Asked['plan'] }
  | { readonly at: 'refused'; readonly why: Words }

/** Somebody asks to see something: who, what, and a yes or no. */
export function Consent() {
  const { say, language } = useLanguage()
  const [step, setStep] = useState<Step>({ at: 'reading' })
  const query = decodeURIComponent(location.hash.replace('#/present/', ''))

  useEffect(() => {
    setStep({ at: 'reading' })
    readRequest(`openid4vp://?${query}`).then(
      (asked) => setStep({ at: 'asked', asked, plan: asked.plan }),
      (error: unknown) => setStep({ at: 'refused', why: whyNot(error) }),
    )
  }, [query])

  async function decide(asked: Asked, plan: Asked['plan'], yes: boolean) {
    setStep({ at: 'reading' })
    try {
      const { redirectUri } = await (yes ? agree(plan) : decline(asked))
      setStep({ at: yes ? 'shown' : 'declined' })
      if (redirectUri !== undefined) location.assign(redirectUri)
    } catch (error) {
      setStep({ at: 'refused', why: whyNot(error) })
    }
  }

  if (step.at !== 'asked') {
    return (
      <>
        <h1>{say(words.request)}</h1>
        {step.at === 'reading' && <p>{say(words.request_wait)}</p>}
        {step.at === 'refused' && (
          <p className="note bad" role="alert">
            {say(step.why)}
          </p>
        )}
        {(step.at === 'shown' || step.at === 'declined') && (
          <p className="note good" role="status">
            {say(words[step.at])}
          </p>
        )}
        {step.at !== 'reading' && (
          <Link href="/" className="button">
            {say(words.to_home)}
          </Link>
        )}
      </>
    )
  }
  const { asked, plan } = step
  const shown = shownBy(plan)
  const { redemption, claims, who } = asked
  const name = who.names.find(({ lang }) => lang.startsWith(language)) ?? who.names[0]
  return (
    <>
      <h1>
        {redemption
          ? say(words.confirm_use, { store: redemption.store })
          : say(words.who_asks, { who: name?.value ?? who.url })}
      </h1>
      {redemption && (
        <p className="card">
          <strong>{say(redemption.benefit)}</strong>
          <br />
          {redemption.merchant} · {moneyText(redemption.amount, language)}
        </p>
      )}
      <p>{say(words.goes_out)}</p>
      <dl className="card">
        {claims
          .filter(({ key }) => shown.has(key))
          .map((claim) => (
            <div key={claim.key}>
              <dt className="soft">{say(claim.name)}</dt>
              <dd>{typeof claim.value === 'string' ? claim.value : say(claim.value)}</dd>
            </div>
          ))}
      </dl>
      {claims.some(({ optional }) => optional) && (
        <fieldset className="card">
          <legend>{say(words.optional)}</legend>
          {claims
            .filter(({ optional }) => optional)
            .map(({ key, name: what }) => (
              <label className="check" key={key}>
                <input
                  type="checkbox"
                  checked={shown.has(key)}
                  onChange={() => setStep({ ...step, plan: ticked(asked, plan, key) })}
                />
                {say(what)}
              </label>
            ))}
        </fieldset>
      )}
      <p className="soft">{who.url}</p>
      <button type="button" className="main" onClick={() => decide(asked, plan, true)}>
        {say(redemption ? words.confirm : words.agree)}
      </button>
      <p>
        <button type="button" onClick={() => decide(asked, plan, false)}>
          {say(words.decline)}
        </button>
      </p>
    </>
  )
}

function whyNot(error: unknown): Words {
  const lacking = error instanceof FormatError && error.code === 'DCQL_UNSATISFIED'
  return lacking ? words.request_none : words.request_bad
}
