import type { Language } from './language.tsx'

/** Sentences as one text to be said: the stop is the language's own, or voices run them together. */
export function spoken(sentences: readonly string[], language: Language): string {
  return sentences.join(language === 'zh' ? '。' : '. ')
}

/** Says a text in its language, instead of whatever is being said; digits come one by one. */
export function speak(text: string, language: Language, rate = 0.9): void {
  const said = new SpeechSynthesisUtterance(text)
  said.lang = language === 'zh' ? 'zh-CN' : 'en'
  said.rate = rate
  speechSynthesis.cancel()
  speechSynthesis.speak(said)
}
