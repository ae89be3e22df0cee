import { Weather } from '../base/refusal.ts'
import { FormatError } from '../formats/error.ts'
import { maxTrustListLength } from '../formats/trust-list.ts'

const patienceMs = 10_000

/**
 * Fetches a signed trust list: from exactly that address, no more than a list may have. Nothing of
 * it is verified yet. Weather when nobody answers, FormatError TOO_LARGE.
 */
export async function fetchTrustList(url: string): Promise<string> {
  try {
    const response = await fetch(url, {
      redirect: 'error',
      signal: AbortSignal.timeout(patienceMs),
    })
    if (response.status !== 200) throw new Error(`status ${response.status}`)
    let text = ''
    const decoder = new TextDecoder()
    for await (const chunk of response.body ?? []) {
      text += decoder.decode(chunk, { stream: true })
      if (text.length > maxTrustListLength) throw new FormatError('TOO_LARGE', 'list is too long')
    }
    return text.trim()
  } catch (error) {
    if (error instanceof FormatError) throw error
    throw new Weather('the trust list could not be fetched', error)
  }
}
