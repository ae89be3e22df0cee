import { useEffect } from 'react'

import { useRemembered } from './remembered.ts'

export const languages = ['zh', 'en'] as const
export type Language = (typeof languages)[number]

/** A text in both languages, as the API gives them too. */
export type Words = Readonly<Record<Language, string>>

/** The language, Chinese unless English was chosen, and `say`: a text in it, `{name}` filled in. */
export function useLanguage() {
  const [chosen, choose] = useRemembered('language')
  const language: Language = chosen === 'en' ? 'en' : 'zh'
  useEffect(() => {
    document.documentElement.lang = language === 'zh' ? 'zh-CN' : 'en'
  }, [language])
  const say = (words: Words, values: Readonly<Record<string, string | number>> = {}) =>
    words[language].replace(/\{([a-z_]+)\}/g, (blank, name: string) =>
      String(values[name] ?? blank),
    )
  return { language, choose, say }
}

/** Switches between the two. Each says its own name. */
export function LanguageSwitch() {
  const { language, choose } = useLanguage()
  const [next, name] = language === 'zh' ? (['en', 'English'] as const) : (['zh', '中文'] as const)
  return (
    <button
      type="button"
      className="quiet"
      lang={next === 'zh' ? 'zh-CN' : 'en'}
      onClick={() => choose(next)}
    >
      {name}
    </button>
  )
}
