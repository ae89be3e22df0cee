import { useEffect, useState } from 'react'
import { Link } from 'wouter'

import { useAwake } from '../parts/awake.ts'
import { useLanguage } from '../parts/language.tsx'
import { askMember } from '../parts/member-api.ts'
import { now } from '../parts/server-clock.ts'
import { moneyText } from '../parts/times.ts'
import { afterWords as words } from './after-words.ts'
import type { Done } from './store.tsx'
import './store-done.css'

type Level = 'promise' | 'inclusion' | 'witnessed'

/** What a shop without any device looks at: it moves, it tells the time, and how sure it is. */
export function StoreDone({ done }: { readonly done: Done }) {
  const { say, language } = useLanguage()
  const [clock, setClock] = useState(now)
  const [level, setLevel] = useState<Level>('promise')
  useAwake()
  useEffect(() => {
    const timer = setInterval(() => setClock(now()), 1000)
    return () => clearInterval(timer)
  }, [])
  useEffect(() => {
    const look = () =>
      askMember<{ items: { leaf_hash: string; level: Level }[] }>(
        'GET',
        `/me/vouchers/${done.voucher_id}/receipts`,
      ).then(
        ({ items }) => {
          const mine = items.find(({ leaf_hash }) => leaf_hash === done.leaf_hash)
          if (mine) setLevel(mine.level)
        },
        () => {},
      )
    void look()
    const timer = setTimeout(look, 4000)
    return () => clearTimeout(timer)
  }, [done])
  const time = new Intl.DateTimeFormat(language === 'zh' ? 'zh-CN' : 'en-GB', {
    ...{ timeZone: 'Asia/Shanghai', dateStyle: 'medium', timeStyle: 'medium' },
  })
  return (
    <section className="store-done" role="status">
      <span className="moving" aria-hidden="true" />
      <h1>✓ {say(words.done)}</h1>
      <p className="digits">{done.store.name}</p>
      <p className="digits">{moneyText(done.amount, language)}</p>
      <p>{say(done.name)}</p>
      <p className="digits clock">{time.format(clock)}</p>
      <p>
        {say(words.when)} {time.format(done.redeemed_at)}
      </p>
      <p data-level={level}>{say(words[`level_${level}`])}</p>
      <p>{say(words.show_clerk)}</p>
      <Link href={`/redemptions/${done.redemption_id}`} className="button">
        {say(words.receipt)}
      </Link>
    </section>
  )
}
