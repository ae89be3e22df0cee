import { useEffect, useState } from 'react'

import { useLanguage } from '../parts/language.tsx'
import { portraitChanges, vouchedPortrait } from './portrait.ts'
import './portrait.css'
import { portraitWords as words } from './portrait-words.ts'

/**
 * The member's portrait as their credential vouches for it, or nothing; `shown` where somebody else
 * looks at it.
 */
export function PortraitPicture({ shown = false }: { readonly shown?: boolean }) {
  const { say } = useLanguage()
  const [blob, setBlob] = useState<Blob>()
  useEffect(() => {
    const look = () => void vouchedPortrait().then(setBlob, () => setBlob(undefined))
    look()
    portraitChanges.addEventListener('change', look)
    return () => portraitChanges.removeEventListener('change', look)
  }, [])
  const url = useBlobUrl(blob)
  if (!url) return null
  return (
    <>
      <Picture url={url} name={say(words.mine)} />
      {shown && <p>{say(words.seen)}</p>}
    </>
  )
}

/** A portrait of 3 : 4. */
export function Picture({ url, name }: { readonly url: string; readonly name: string }) {
  return <img className="portrait" src={url} alt={name} width={360} height={480} />
}

/** An address of a blob, good for as long as it is shown. */
export function useBlobUrl(blob: Blob | undefined): string | undefined {
  const [url, setUrl] = useState<string>()
  useEffect(() => {
    const made = blob && URL.createObjectURL(blob)
    setUrl(made)
    return () => {
      if (made) URL.revokeObjectURL(made)
    }
  }, [blob])
  return url
}
