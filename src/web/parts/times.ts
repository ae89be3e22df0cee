import type { Instant } from '../../base/clock.ts'
import type { Language } from './language.tsx'

const zone = 'Asia/Shanghai'
const locales = { zh: 'zh-CN', en: 'en-GB' } as const

/** A day and a minute in China: 11月22日 18:05. */
export function timeText(at: Instant, language: Language): string {
  return new Intl.DateTimeFormat(locales[language], {
    timeZone: zone,
    month: 'short',
    day: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
  }).format(at)
}

/** A day in China: 2026年12月15日. `to` of a validity is its first instant no longer good. */
export function dayText(at: Instant, language: Language): string {
  const how = { timeZone: zone, year: 'numeric', month: 'short', day: 'numeric' } as const
  return new Intl.DateTimeFormat(locales[language], how).format(at)
}

/** Fen as yuan: ¥12.50. */
export function moneyText(fen: number, language: Language): string {
  const how = { style: 'currency', currency: 'CNY', currencyDisplay: 'narrowSymbol' } as const
  return new Intl.NumberFormat(locales[language], how).format((fen || 0) / 100) // -0 is 0
}
