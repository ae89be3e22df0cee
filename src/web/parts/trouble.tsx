import { noAnswer, Refused } from './ask.ts'
import { useLanguage, type Words } from './language.tsx'

const unanswered: Words = { zh: '没有网络，请稍后再试。', en: 'No network. Try again later.' }
const unknown: Words = { zh: '出错了，请重试。', en: 'Something went wrong. Try again.' }

/** What went wrong, in words: the API's own for who is asked, or that nothing was heard of it. */
export function wordsOf(error: unknown, audience: 'member' | 'cashier'): Words {
  if (!(error instanceof Refused)) return unknown
  if (error.code === noAnswer) return unanswered
  const { words } = error.problem as { words?: Partial<Record<string, Words>> }
  return words?.[audience] ?? unknown
}

/** The same as a note on the page, spoken by screen readers as it appears. */
export function Trouble({ error }: { readonly error: unknown }) {
  const { say } = useLanguage()
  if (error === undefined) return null
  const code = error instanceof Refused ? error.code : ''
  return (
    <p className="note bad" role="alert" data-code={code}>
      {say(wordsOf(error, 'member'))}
    </p>
  )
}
