import { useEffect, useState } from 'react'

import { useLanguage } from '../parts/language.tsx'
import { timeText } from '../parts/times.ts'
import { Trouble } from '../parts/trouble.tsx'
import { afterWords as words } from './after-words.ts'
import { leafWords } from './leaf-words.ts'
import { fetchReceipts, type Kept, Proof } from './proof.tsx'
import { useWallet } from './wallet.tsx'

/** Everything that the log says of a voucher, each to be verified. */
export function ReceiptsScreen({ id }: { readonly id: string }) {
  const { say, language } = useLanguage()
  const { holdings } = useWallet()
  const voucher = holdings?.vouchers.find((one) => one.id === id)
  const [all, setAll] = useState<readonly Kept[]>([])
  const [error, setError] = useState<unknown>()
  useEffect(() => {
    fetchReceipts(id).then(setAll, setError)
  }, [id])
  return (
    <>
      <h1>{say(words.receipts)}</h1>
      {voucher && <p>{say(voucher.name)}</p>}
      <p className="soft">{say(words.receipts_lead)}</p>
      <Trouble error={error} />
      {all.map(({ leaf_hash, kind, at }) => (
        <div className="card" key={leaf_hash}>
          <strong>{say(leafWords[kind] ?? words.event_other)}</strong>
          <p className="soft">{timeText(at, language)}</p>
          <Proof voucher={id} leaf={leaf_hash} />
        </div>
      ))}
    </>
  )
}
