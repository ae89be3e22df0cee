import { Weather } from '../base/refusal.ts'

/** What a witness answered: its status and its text, not looked at yet. */
export interface Answered {
  readonly status: number
  readonly text: string
}

const patienceMs = 2000
/** Signature lines, or a size. */
const maxAnswer = 65_536

/**
 * Sends an add-checkpoint request, or our sign-draw, below the submission prefix `url`, to exactly
 * that address, and waits two seconds at the most. Weather when nobody answers, or too much.
 */
export async function submit(
  url: string,
  body: Uint8Array,
  request: 'add-checkpoint' | 'sign-draw' = 'add-checkpoint',
): Promise<Answered> {
  try {
    const response = await fetch(`${url.replace(/\/+$/, '')}/${request}`, {
      method: 'POST',
      headers: { 'content-type': 'text/plain; charset=utf-8' },
      body: new Uint8Array(body),
      redirect: 'error',
      signal: AbortSignal.timeout(patienceMs),
    })
    let text = ''
    const decoder = new TextDecoder()
    for await (const chunk of response.body ?? []) {
      text += decoder.decode(chunk, { stream: true })
      if (text.length > maxAnswer) throw new Error('the answer is too long')
    }
    return { status: response.status, text }
  } catch (error) {
    throw new Weather('the witness did not answer', error)
  }
}
