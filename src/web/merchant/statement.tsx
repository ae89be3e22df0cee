import { useState } from 'react'

import { randomId } from '../parts/ask.ts'
import { useLanguage } from '../parts/language.tsx'
import { askTerminal } from '../parts/terminal-api.ts'
import { moneyText } from '../parts/times.ts'
import { Trouble } from '../parts/trouble.tsx'
import { useAsked } from './asked.ts'
import { DisputeForm } from './dispute.tsx'
import { Frame } from './frame.tsx'
import { words } from './office-words.ts'
import { Downloads } from './statement-files.tsx'
import { Lines } from './statement-lines.tsx'
import type { Statement } from './statements.tsx'

/** One statement: what it comes to, what to do about it, its files and its lines. */
export function StatementPage({ id }: { readonly id: string }) {
  const { say } = useLanguage()
  const asked = useAsked<Statement>(`/merchant/statements/${id}`)
  const { answer: statement, error, setAnswer } = asked
  return (
    <Frame
      title={statement ? say(words.month, { month: statement.month }) : say(words.statements)}
      back="#/statements"
    >
      {error === undefined && !statement && <p>{say(words.loading)}</p>}
      <Trouble error={error} />
      {statement && (
        <>
          <Facts statement={statement} />
          {statement.state === 'issued' && <Agree statement={statement} onDone={setAnswer} />}
          <Downloads statement={statement} />
          <Lines statement={statement} />
        </>
      )}
    </Frame>
  )
}

function Facts({ statement }: { readonly statement: Statement }) {
  const { say, language } = useLanguage()
  const { state, total, redeemed, reversed, adjusted, dispute, bank_reference } = statement
  const facts = [
    [words.redeemed, redeemed],
    [words.undone, -reversed],
    [words.adjusted, adjusted],
  ] as const
  return (
    <section className="card" aria-label={say(words.total)}>
      <p className="pair">
        <span>{say(words.total)}</span>
        <strong>{moneyText(total, language)}</strong>
      </p>
      {facts.map(([name, fen]) => (
        <p className="pair soft" key={name.en}>
          <span>{say(name)}</span>
          <span>{moneyText(fen, language)}</span>
        </p>
      ))}
      <p role="status">
        <strong>{say(words[`state_${state}`])}</strong>
      </p>
      {statement.by_silence && <p>{say(words.silent)}</p>}
      {dispute && <p>{say(words.dispute_held, { reason: say(words[`why_${dispute.reason}`]) })}</p>}
      {dispute?.answer && <p>{say(words.dispute_answer, { answer: dispute.answer })}</p>}
      {bank_reference && <p>{say(words.reference, { reference: bank_reference })}</p>}
    </section>
  )
}

function Agree({
  statement,
  onDone,
}: {
  readonly statement: Statement
  readonly onDone: (now: Statement) => void
}) {
  const { say } = useLanguage()
  const [key] = useState(randomId)
  const [disputing, setDisputing] = useState(false)
  const [error, setError] = useState<unknown>()
  const path = `/merchant/statements/${statement.id}`
  if (disputing) {
    return <DisputeForm path={path} onDone={onDone} onBack={() => setDisputing(false)} />
  }
  const confirm = () =>
    askTerminal<Statement>('POST', `${path}/confirm`, {}, key).then(onDone, setError)
  return (
    <>
      <p>{say(words.silence_rule)}</p>
      <Trouble error={error} />
      <button type="button" className="main" onClick={confirm}>
        {say(words.confirm)}
      </button>
      <p>
        <button type="button" onClick={() => setDisputing(true)}>
          {say(words.dispute)}
        </button>
      </p>
    </>
  )
}
