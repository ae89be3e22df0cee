import { useEffect, useState } from 'react'

import { ask, Refused } from '../parts/ask.ts'
import { CareSwitch } from '../parts/care-switch.tsx'
import { LanguageSwitch, useLanguage } from '../parts/language.tsx'
import { askWithKey, type Enrolment, keepEnrolment } from '../parts/member-api.ts'
import { timeText } from '../parts/times.ts'
import { Trouble } from '../parts/trouble.tsx'
import { ApplicationForm } from './application-form.tsx'
import { keepApplied } from './applied.ts'
import { useAskingAgain } from './asking-again.ts'
import { joiningWords as words } from './joining-words.ts'
import { useWallet } from './wallet.tsx'
import { words as common } from './words.ts'

/** What became of this phone's application, as `GET /applications/mine` tells. */
interface Standing {
  readonly state: 'waiting' | 'more_needed' | 'approved' | 'rejected'
  readonly organisation: { readonly name: string }
  readonly submitted_at: number
  readonly reason?: string
  readonly device?: Enrolment
}

const lookEveryMs = 4000

/** Applying to a union with its printed code, and waiting for its word. */
export function Apply({
  code,
  applied,
  onChange,
}: {
  /** Of the address; none when the page was opened without it. */
  readonly code: string | undefined
  readonly applied: boolean
  readonly onChange: (applied: boolean) => void
}) {
  const { say } = useLanguage()
  async function change(now: boolean) {
    await keepApplied(now)
    onChange(now)
  }
  return (
    <main>
      <div className="bar">
        <h1>{say(words.apply_title)}</h1>
        <CareSwitch />
        <LanguageSwitch />
      </div>
      {applied && <Waiting onOver={() => change(false)} />}
      {!applied && code !== undefined && (
        <First key={code} code={code} onSent={() => change(true)} />
      )}
    </main>
  )
}

/** Whose code it is, and the form. */
function First({ code, onSent }: { readonly code: string; readonly onSent: () => Promise<void> }) {
  const { say } = useLanguage()
  const [union, setUnion] = useState<string>()
  const [error, setError] = useState<unknown>()
  useEffect(() => {
    const path = `/api/v1/join-codes/${encodeURIComponent(code)}`
    ask<{ organisation: { name: string } }>(path, { method: 'GET' }).then(
      ({ organisation }) => setUnion(organisation.name),
      setError,
    )
  }, [code])
  if (error instanceof Refused && (error.status === 404 || error.status === 400)) {
    return (
      <>
        <p className="note bad" role="alert">
          {say(words.code_unknown)}
        </p>
        <ToStart />
      </>
    )
  }
  if (union === undefined) {
    return error === undefined ? <p>{say(common.loading)}</p> : <Trouble error={error} />
  }
  return (
    <>
      <p>
        {say(words.apply_to)}
        <br />
        <strong>{union}</strong>
      </p>
      <ApplicationForm
        send={async (said, key) => {
          await askWithKey('POST', '/applications', { code, ...said }, key)
          await onSent()
        }}
      />
    </>
  )
}

/** What the union has said so far. Approved, the phone is enrolled at once. */
function Waiting({ onOver }: { readonly onOver: () => Promise<void> }) {
  const { say, language } = useLanguage()
  const { reload } = useWallet()
  const [standing, setStanding] = useState<Standing>()
  const [error, setError] = useState<unknown>()
  async function look() {
    try {
      const told = await askWithKey<Standing>('GET', '/applications/mine')
      setError(undefined)
      if (told.device) {
        await keepEnrolment(told.device)
        await keepApplied(false)
        location.hash = '#/'
        return await reload()
      }
      setStanding(told)
    } catch (failed) {
      setError(failed)
      if (failed instanceof Refused && failed.code === 'NOT_FOUND') await onOver()
    }
  }
  useAskingAgain(look, lookEveryMs, true)
  if (!standing) {
    return error === undefined ? <p>{say(common.loading)}</p> : <Trouble error={error} />
  }
  const { state, reason } = standing
  const sent = timeText(standing.submitted_at, language)
  return (
    <>
      <section className="card" role="status">
        <h2>{say(titles[state])}</h2>
        <p>{standing.organisation.name}</p>
        <p className="soft">{say(words.sent_at, { time: sent })}</p>
        {(state === 'waiting' || state === 'approved') && (
          <p>{say(words.waiting_lead, { union: standing.organisation.name })}</p>
        )}
      </section>
      {reason !== undefined && (
        <p className="note">
          {say(words.union_says)}
          <br />
          <strong>{reason}</strong>
        </p>
      )}
      <Trouble error={error} />
      {state === 'more_needed' && (
        <ApplicationForm
          send={async (said, key) => {
            await askWithKey('POST', '/applications/mine/amendments', said, key)
            await look()
          }}
        />
      )}
      {state === 'rejected' && (
        <button type="button" className="main" onClick={onOver}>
          {say(words.apply_again)}
        </button>
      )}
    </>
  )
}

const titles = {
  waiting: words.waiting,
  approved: words.waiting,
  more_needed: words.more_title,
  rejected: words.rejected_title,
} as const

function ToStart() {
  const { say } = useLanguage()
  return (
    <p>
      <a className="button" href="#/">
        {say(words.to_start)}
      </a>
    </p>
  )
}
