import { useLanguage } from '../../parts/language.tsx'
import { moneyText } from '../../parts/times.ts'
import { fenOf } from '../parts/days.ts'
import { Facts } from '../parts/facts.tsx'
import { kindNames } from '../words.ts'
import type { Sketch } from './sketch.ts'
import { rules, wizard } from './words.ts'

const per = { ever: wizard.per_ever, year: wizard.per_year, month: wizard.per_month } as const

/** The benefit at a glance, before it is saved as a draft. */
export function Review({ sketch }: { readonly sketch: Sketch }) {
  const { say, language } = useLanguage()
  const kind = kindNames[sketch.kind]
  const amount = fenOf(sketch.amount)
  const count = sketch.rule.conditions.length
  const accepted = sketch.accepted === 'all' ? say(wizard.accepted_all) : sketch.accepted_codes
  return (
    <Facts
      facts={[
        [say(wizard.kind), kind ? say(kind) : sketch.kind],
        [say(wizard.name_zh), sketch.name_zh || '—'],
        [say(wizard.name_en), sketch.name_en || '—'],
        [say(wizard.amount), amount === undefined ? '—' : moneyText(amount, language)],
        [
          say(wizard.who),
          count === 0
            ? say(rules.everybody)
            : `${say(sketch.rule.join === 'all' ? rules.all : rules.any)} (${count})`,
        ],
        [say(wizard.where), accepted || '—'],
        [say(wizard.when), `${sketch.from || '—'} – ${sketch.to || '—'}`],
        [
          say(wizard.quota),
          sketch.supply === 'stock'
            ? `${say(wizard.supply_stock)}: ${sketch.stock.toLocaleString()}`
            : say(wizard.supply_batch),
        ],
        [say(wizard.cap), `${sketch.cap} / ${say(per[sketch.per])}`],
      ]}
    />
  )
}
