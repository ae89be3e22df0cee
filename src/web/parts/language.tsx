import { createContext, type ReactNode, useContext, useEffect, useState } from 'react'

export const languages = ['zh', 'en'] as const
export type Language = (typeof languages)[number]

/** A text in both languages, as the API gives them too. */
export type Words = Readonly<Record<Language, string>>

interface Chosen {
  readonly language: Language
  choose(language: Language): void
}

const key = 'language'
const Context = createContext<Chosen>({ language: 'zh', choose: () => {} })

/** Chinese first; English where it was chosen. Remembered on the device. */
export function LanguageProvider({ children }: { readonly children: ReactNode }) {
  const [language, setLanguage] = useState<Language>(
    localStorage.getItem(key) === 'en' ? 'en' : 'zh',
  )
  useEffect(() => {
    document.documentElement.lang = language === 'zh' ? 'zh-CN' : 'en'
    localStorage.setItem(key, language)
  }, [language])
  return <Context value={{ language, choose: setLanguage }}>{children}</Context>
}

/** The language, and `say`: a text in it, with `{name}` filled in. */
export function useLanguage() {
  const { language, choose } = useContext(Context)
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
