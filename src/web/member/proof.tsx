import { useState } from 'react'

import type { VoucherReceipt } from '../../formats/voucher-receipt.ts'
import { useLanguage, type Words } from '../parts/language.tsx'
import { askMember } from '../parts/member-api.ts'
import { shareFile } from '../parts/save-file.ts'
import { Trouble } from '../parts/trouble.tsx'
import { afterWords as words } from './after-words.ts'
import { type Finding, KeysChanged, prove } from './proving.ts'

/** One leaf about a voucher, with what there is to prove it. */
export interface Kept extends VoucherReceipt {
  readonly kind: string
  readonly version: number
  readonly at: number
}

/** Every leaf about a voucher. Throws Refused. */
export async function fetchReceipts(voucher: string): Promise<readonly Kept[]> {
  const path = `/me/vouchers/${voucher}/receipts`
  return (await askMember<{ items: Kept[] }>('GET', path)).items
}

/** Checks a receipt on this phone, says in words what it proves, and hands it on as a file. */
export function Proof({ voucher, leaf }: { readonly voucher: string; readonly leaf: string }) {
  const { say } = useLanguage()
  const [busy, setBusy] = useState(false)
  const [found, setFound] = useState<{ finding: Finding; kept: Kept }>()
  const [bad, setBad] = useState<Words>()
  const [error, setError] = useState<unknown>()

  async function verify() {
    setBusy(true)
    setError(undefined)
    setBad(undefined)
    try {
      const kept = (await fetchReceipts(voucher)).find(({ leaf_hash }) => leaf_hash === leaf)
      if (!kept) setBad(words.not_proved)
      else setFound({ kept, finding: await prove(voucher, kept) })
    } catch (failed) {
      if (failed instanceof KeysChanged) setBad(words.keys_changed)
      else if (isRefusal(failed)) setError(failed)
      else setBad(words.not_proved)
    }
    setBusy(false)
  }

  return (
    <section aria-label={say(words.verify)}>
      <Trouble error={error} />
      {bad && (
        <p className="note bad" role="alert">
          {say(bad)}
        </p>
      )}
      {found && <Told finding={found.finding} />}
      <div className="bar">
        <button type="button" disabled={busy} onClick={verify}>
          {say(busy ? words.verifying : words.verify)}
        </button>
        {found && (
          <button type="button" onClick={() => share(found.kept)}>
            {say(words.keep_file)}
          </button>
        )}
      </div>
    </section>
  )
}

function Told({ finding }: { readonly finding: Finding }) {
  const { say } = useLanguage()
  const text =
    finding.level === 'promise'
      ? say(words.proved_promise, { seconds: finding.withinSeconds })
      : say(words[`proved_${finding.level}`], {
          ...{ index: finding.index + 1, size: finding.size, witnesses: finding.witnesses },
        })
  return (
    <div className="note good" role="status" data-level={finding.level}>
      <p>{text}</p>
      <p className="soft">
        {say(words.about_voucher)} {say(words[`keys_${finding.keysFrom}`])}
      </p>
    </div>
  )
}

function share({ receipt, promise, leaf_hash }: Kept): Promise<void> {
  const name = leaf_hash.slice(0, 12)
  return receipt === undefined
    ? shareFile(promise, `${name}.promise`, 'text/plain')
    : shareFile(receipt, `${name}.tlog-proof`, 'text/plain')
}

function isRefusal(error: unknown): boolean {
  return error instanceof Error && (error.name === 'Refused' || error instanceof TypeError)
}
