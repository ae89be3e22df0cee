import { useEffect, useState } from 'react'

import { useLanguage, type Words } from '../parts/language.tsx'
import { askMember } from '../parts/member-api.ts'
import { saveFile } from '../parts/save-file.ts'
import { now } from '../parts/server-clock.ts'
import { timeText } from '../parts/times.ts'
import { Trouble } from '../parts/trouble.tsx'
import { afterWords as words } from './after-words.ts'
import { words as usual } from './words.ts'

interface Look {
  readonly at: number
  readonly organisation: { readonly name: string }
  readonly role: string
}

const roles: Readonly<Record<string, Words>> = {
  admin: { zh: '管理员', en: 'administrator' },
  registrar: { zh: '会籍管理员', en: 'registrar' },
  maker: { zh: '经办人', en: 'clerk' },
  approver: { zh: '审批人', en: 'approver' },
  merchant_manager: { zh: '商户管理员', en: 'merchant manager' },
  auditor: { zh: '审计员', en: 'auditor' },
  verifier: { zh: '核验方', en: 'verifier' },
}

/** Everything that is held about the member, to keep; and who has looked at it. */
export function MyData() {
  const { say, language } = useLanguage()
  const [looks, setLooks] = useState<readonly Look[]>()
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<unknown>()
  useEffect(() => {
    askMember<{ items: Look[] }>('GET', '/me/looks?limit=100').then(
      ({ items }) => setLooks(items),
      setError,
    )
  }, [])
  async function save() {
    setBusy(true)
    setError(undefined)
    await askMember('GET', '/me/export').then((held) => {
      const name = `my-data-${new Date(now()).toISOString().slice(0, 10)}.json`
      saveFile(JSON.stringify(held, undefined, 2), name, 'application/json')
    }, setError)
    setBusy(false)
  }
  return (
    <>
      <h1>{say(words.my_data)}</h1>
      <Trouble error={error} />
      <p>{say(words.export_lead)}</p>
      <button type="button" className="main" disabled={busy} onClick={save}>
        {say(words.export_do)}
      </button>
      <section aria-label={say(words.looks)}>
        <h2>{say(words.looks)}</h2>
        {!looks && error === undefined && <p>{say(usual.loading)}</p>}
        {looks?.length === 0 && <p className="soft">{say(words.nobody_looked)}</p>}
        {looks?.map((look) => (
          <div className="card" key={`${look.at}-${look.organisation.name}-${look.role}`}>
            {look.organisation.name}
            <br />
            <span className="soft">
              {say(roles[look.role] ?? { zh: look.role, en: look.role })} ·{' '}
              {timeText(look.at, language)}
            </span>
          </div>
        ))}
      </section>
    </>
  )
}
