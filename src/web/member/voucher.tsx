import { Suspense, useState } from 'react'
import { Link } from 'wouter'

import { codeText, encodeVoucherCode, signedOctets, stepAt } from '../../formats/voucher-code.ts'
import { randomId } from '../parts/ask.ts'
import { useAwake } from '../parts/awake.ts'
import { useLanguage } from '../parts/language.tsx'
import { late } from '../parts/late.tsx'
import { askMember, memberKey } from '../parts/member-api.ts'
import { Qr } from '../parts/qr.tsx'
import { Ring } from '../parts/ring.tsx'
import { now } from '../parts/server-clock.ts'
import { speak, spoken } from '../parts/speak.ts'
import { dayText, timeText } from '../parts/times.ts'
import { Trouble } from '../parts/trouble.tsx'
import { periodSeconds, useTurning } from '../parts/turning.ts'
import { History } from './history.tsx'
import { useWallet, type Voucher } from './wallet.tsx'
import { words } from './words.ts'

const CollectorPart = late(async () => ({
  default: (await import('./collector.tsx')).CollectorPart,
}))

/** One voucher: its code while it may be used, and what became of it. */
export function VoucherScreen({ id }: { readonly id: string }) {
  const { say, language } = useLanguage()
  const { holdings } = useWallet()
  const voucher = holdings?.vouchers.find((one) => one.id === id)
  if (!voucher) {
    return (
      <>
        <h1>{say(words.vouchers)}</h1>
        <p>{say(holdings ? words.none_here : words.loading)}</p>
      </>
    )
  }
  const until = dayText(voucher.valid_to - 1, language)
  return (
    <>
      <h1>{say(voucher.name)}</h1>
      <p className="soft">{say(words.valid_to, { time: until })}</p>
      {voucher.state === 'active' && <Code voucher={voucher} />}
      {voucher.returnable && voucher.state === 'active' && <GiveBack voucher={voucher} />}
      {voucher.kind === 'package' && (voucher.state === 'active' || voucher.state === 'used') && (
        <Suspense fallback={null}>
          <CollectorPart voucher={voucher} />
        </Suspense>
      )}
      <History voucher={voucher} />
      <p>
        <Link href={`/vouchers/${voucher.id}/receipts`}>{say(words.receipts)}</Link>
      </p>
    </>
  )
}

/** The code, made here and without a network: a signature that is good for half a minute. */
function Code({ voucher }: { readonly voucher: Voucher }) {
  const { say, language } = useLanguage()
  const { enrolled, holdings } = useWallet()
  const [digits, setDigits] = useState<{ digits: string; expires_at: number }>()
  const [error, setError] = useState<unknown>()
  useAwake()
  const make = () => codeOf(voucher.id, enrolled?.node ?? 0, enrolled?.key_tag ?? 0)
  const [code, left] = useTurning(make, voucher.id)

  async function askDigits() {
    setError(undefined)
    const path = `/me/vouchers/${voucher.id}/numeric-code`
    await askMember<{ digits: string; expires_at: number }>('POST', path, { code: await make() })
      .then(setDigits)
      .catch(setError)
  }
  const end = dayText(voucher.valid_to - 1, language)
  const aloud = [say(voucher.name), say(words.valid_to, { time: end }), say(words.code_hint)]
  const shown = digits?.digits.replace(/(.{4})(?=.)/g, '$1 ') ?? ''

  return (
    <section className="white-card" aria-label={say(words.code_label)}>
      {code && <Qr text={code} label={say(words.code_label)} />}
      <div className="bar">
        <span>{holdings?.profile.name_masked}</span>
        <Ring left={left} of={periodSeconds} />
      </div>
      <p className="soft">{say(words.code_hint)}</p>
      <p>
        <button type="button" onClick={() => speak(spoken(aloud, language), language)}>
          {say(words.read_aloud)}
        </button>
      </p>
      {digits ? (
        <p>
          <span className="soft">{say(words.digits_label)}</span>
          <br />
          <strong className="digits">{shown}</strong>
          <br />
          <span className="soft">{timeText(digits.expires_at, language)}</span>
          <br />
          <button type="button" onClick={() => speak([...digits.digits].join(' '), language, 0.8)}>
            {say(words.read_digits)}
          </button>
        </p>
      ) : (
        <button type="button" onClick={askDigits}>
          {say(words.digits_ask)}
        </button>
      )}
      <Trouble error={error} />
    </section>
  )
}

async function codeOf(voucher: string, node: number, keyTag: number): Promise<string> {
  const key = await memberKey()
  const content = { node, voucher, keyTag, step: stepAt(now()) }
  return codeText(encodeVoucherCode(content, await key.sign(signedOctets(content))))
}

function GiveBack({ voucher }: { readonly voucher: Voucher }) {
  const { say } = useLanguage()
  const { refresh } = useWallet()
  const [asking, setAsking] = useState(false)
  const [key] = useState(randomId)
  const [error, setError] = useState<unknown>()
  async function giveBack() {
    setError(undefined)
    await askMember('POST', `/me/vouchers/${voucher.id}/return`, {}, key).then(refresh, setError)
  }
  if (!asking) {
    return (
      <button type="button" className="quiet" onClick={() => setAsking(true)}>
        {say(words.give_back)}
      </button>
    )
  }
  return (
    <div className="note">
      <p>{say(words.give_back_sure)}</p>
      <Trouble error={error} />
      <div className="bar">
        <button type="button" onClick={giveBack}>
          {say(words.yes)}
        </button>
        <button type="button" onClick={() => setAsking(false)}>
          {say(words.no)}
        </button>
      </div>
    </div>
  )
}
