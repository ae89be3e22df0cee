import { useState } from 'react'
import { Link } from 'wouter'

import { randomId } from '../parts/ask.ts'
import { Icon, type IconName } from '../parts/icon.tsx'
import { useLanguage, type Words } from '../parts/language.tsx'
import { askMember } from '../parts/member-api.ts'
import { speak, spoken } from '../parts/speak.ts'
import { Trouble } from '../parts/trouble.tsx'
import { DrawPart } from './draw.tsx'
import { useTakenHere } from './region.tsx'
import { type Right, useWallet } from './wallet.tsx'
import { words } from './words.ts'

const soon = new Set<Right['status']>(['not_yet', 'exhausted'])

/** What the member is entitled to, in three groups, the region's first, one sentence each. */
export function Rights() {
  const { say } = useLanguage()
  const { holdings } = useWallet()
  const here = useTakenHere()
  if (!holdings) return <p>{say(words.loading)}</p>
  const rights = holdings.rights.toSorted(
    (a, b) => Number(here.has(b.benefit_id)) - Number(here.has(a.benefit_id)),
  )
  const groups: readonly (readonly [Words, readonly Right[]])[] = [
    [words.can_claim, rights.filter(({ status }) => status === 'eligible')],
    [words.soon, rights.filter(({ status }) => soon.has(status))],
    [words.not_for_you, rights.filter(({ status }) => status !== 'eligible' && !soon.has(status))],
  ]
  return (
    <>
      <h1>{say(words.rights)}</h1>
      {groups.map(([title, of]) => (
        <section key={title.en} aria-label={say(title)}>
          <h2>{say(title)}</h2>
          {of.length === 0 && <p className="soft">{say(words.none_here)}</p>}
          {of.map((right) => (
            <div className="card" key={right.benefit_id}>
              <strong>{say(right.name)}</strong>
              <p>{oneSentence(right, say)}</p>
              <Link
                className={isToClaim(right) ? 'button main' : 'button'}
                href={`/rights/${right.benefit_id}`}
              >
                {say(isToClaim(right) ? words.claim : words.why)}
                <span className="hidden">{say(right.name)}</span>
              </Link>
            </div>
          ))}
        </section>
      ))}
    </>
  )
}

/** One benefit: ticks and crosses in words, what can be done, and claiming it. */
export function RightScreen({ id }: { readonly id: string }) {
  const { say, language } = useLanguage()
  const { holdings } = useWallet()
  const right = holdings?.rights.find(({ benefit_id }) => benefit_id === id)
  if (!right) {
    return (
      <>
        <h1>{say(words.rights)}</h1>
        <p>{say(holdings ? words.none_here : words.loading)}</p>
      </>
    )
  }
  return (
    <>
      <h1>{say(right.name)}</h1>
      <p>{say(right.description)}</p>
      <p>
        <button
          type="button"
          onClick={() => speak(spoken(aloudOf(right, say), language), language)}
        >
          {say(words.read_aloud)}
        </button>
      </p>
      {right.left !== undefined && <p className="soft">{say(stockWords(right.left))}</p>}
      {listsOf(right).map(([title, sign, lines]) =>
        lines.length === 0 ? null : (
          <section key={title.en} aria-label={say(title)}>
            <h2>{say(title)}</h2>
            <ul className="card">
              {lines.map((line) => (
                <li key={line.zh}>
                  <Icon name={sign} /> {say(line)}
                </li>
              ))}
            </ul>
          </section>
        ),
      )}
      {right.blocked_by.length > 0 && right.how_to_fix.length === 0 && !right.eligible_from && (
        <p className="note">{say(words.no_fix)}</p>
      )}
      {right.eligible_from && <p>{say(words.eligible_from, { date: right.eligible_from })}</p>}
      {right.allocation ? (
        <DrawPart right={right} />
      ) : (
        right.status === 'eligible' && <Claim right={right} />
      )}
    </>
  )
}

function Claim({ right }: { readonly right: Right }) {
  const { say } = useLanguage()
  const { refresh } = useWallet()
  const [key] = useState(randomId)
  const [error, setError] = useState<unknown>()
  const [done, setDone] = useState(false)
  async function claim() {
    setError(undefined)
    try {
      await askMember('POST', `/benefits/${right.benefit_id}/claims`, {}, key)
      setDone(true)
      await refresh()
    } catch (failed) {
      setError(failed)
    }
  }
  if (right.supply === 'batch') return <p className="note">{say(words.by_batch)}</p>
  if (done) {
    return (
      <p className="note good" role="status">
        {say(words.claimed)} <Link href="/vouchers">{say(words.vouchers)}</Link>
      </p>
    )
  }
  return (
    <>
      <Trouble error={error} />
      <button type="button" className="main" onClick={claim}>
        {say(words.claim)}
      </button>
    </>
  )
}

/** Waiting to be taken by the member: not drawn, and not handed out by the union. */
function isToClaim({ status, supply, allocation }: Right): boolean {
  return status === 'eligible' && supply !== 'batch' && !allocation
}

function oneSentence(right: Right, say: (words: Words, values?: Record<string, string>) => string) {
  const [blocked] = right.blocked_by
  if (right.status === 'exhausted') return say(words.stock_none)
  if (right.eligible_from) return say(words.eligible_from, { date: right.eligible_from })
  if (right.status === 'eligible' && right.supply === 'batch') return say(words.by_batch)
  return blocked ? say(words.needs, { what: say(blocked) }) : say(right.description)
}

/** The screen as one listens to it: each list is introduced, or a "no" is heard as a "yes". */
function aloudOf(right: Right, say: (words: Words, values?: Record<string, string>) => string) {
  const { name, description, eligible_from } = right
  const heard = listsOf(right).flatMap(([title, , lines]) =>
    lines.length === 0 ? [] : [say(title), ...lines.map((line) => say(line))],
  )
  const from = eligible_from ? [say(words.eligible_from, { date: eligible_from })] : []
  return [say(name), say(description), ...heard, ...from]
}

/** What speaks for it, what stands in the way, what nobody knows, and what can be done. */
function listsOf(
  right: Right,
): readonly (readonly [title: Words, sign: IconName, lines: readonly Words[]])[] {
  return [
    [words.because, 'yes', right.because],
    [words.blocked, 'no', right.blocked_by.filter(({ known }) => known)],
    [words.unknown_fact, 'attention', right.blocked_by.filter(({ known }) => !known)],
    [words.to_do, 'rights', right.how_to_fix],
  ]
}

function stockWords(left: number): Words {
  if (left === 0) return words.stock_none
  return left < 50 ? words.stock_few : words.stock_plenty
}
