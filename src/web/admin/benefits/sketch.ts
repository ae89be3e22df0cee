import { chinaMidnightText, fenOf } from '../parts/days.ts'
import { codesIn, criteriaOf, everybody, type Rule } from './rule.ts'

type Yuan = number | string

/** A benefit as it is being written: what the fields hold. */
export interface Sketch {
  readonly kind: 'checkup' | 'insurance' | 'package' | 'coupon'
  readonly name_zh: string
  readonly name_en: string
  readonly about_zh: string
  readonly about_en: string
  readonly amount: Yuan
  readonly uses: number
  /** One a line: what is examined, or what is in the package. */
  readonly lines: string
  readonly min_age: Yuan
  readonly max_age: Yuan
  readonly gender: '' | 'female' | 'male'
  readonly insurer: string
  readonly cover_days: number
  readonly sum_insured: Yuan
  readonly pick_up_point: string
  readonly collector_allowed: boolean
  readonly face_value: Yuan
  readonly minimum_spend: Yuan
  readonly rule: Rule
  readonly accepted: 'all' | 'region' | 'category'
  readonly accepted_codes: string
  readonly from: string
  readonly to: string
  readonly offer_days: number
  readonly supply: 'batch' | 'stock'
  readonly stock: number
  /** How open stock is given out: to who comes first, or by a draw that opens and closes. */
  readonly allocation: 'fcfs' | 'fair_window' | 'lottery'
  readonly draw_opens: string
  readonly draw_closes: string
  readonly window_seconds: number
  readonly cap: number
  readonly per: 'ever' | 'year' | 'month'
  readonly returnable: boolean
}

/** What a wizard begins with. */
export const blank: Sketch = {
  kind: 'coupon',
  name_zh: '',
  name_en: '',
  about_zh: '',
  about_en: '',
  amount: '',
  uses: 1,
  lines: '',
  min_age: '',
  max_age: '',
  gender: '',
  insurer: '',
  cover_days: 365,
  sum_insured: '',
  pick_up_point: '',
  collector_allowed: true,
  face_value: '',
  minimum_spend: 0,
  rule: everybody,
  accepted: 'all',
  accepted_codes: '',
  from: '',
  to: '',
  offer_days: 30,
  supply: 'batch',
  stock: 1000,
  allocation: 'fcfs',
  draw_opens: '',
  draw_closes: '',
  window_seconds: 60,
  cap: 1,
  per: 'ever',
  returnable: true,
}

/** The definition as the API takes it (docs/benefits.md). What is not filled in is left out. */
export function definitionOf(sketch: Sketch): object {
  return {
    name: { zh: sketch.name_zh, en: sketch.name_en },
    description: { zh: sketch.about_zh, en: sketch.about_en },
    details: detailsOf(sketch),
    amount: fenOf(sketch.amount),
    uses: sketch.uses,
    validity: { from: chinaMidnightText(sketch.from), to: chinaMidnightText(sketch.to, 1) },
    offer_days: sketch.offer_days,
    supply: sketch.supply,
    ...(sketch.supply === 'stock' && { stock: sketch.stock, allocation: allocationOf(sketch) }),
    cap: { count: sketch.cap, per: sketch.per },
    returnable: sketch.returnable,
    criteria: criteriaOf(sketch.rule),
  }
}

function allocationOf({ allocation: mode, ...sketch }: Sketch): object {
  const at = (local: string) => `${local}:00+08:00`
  if (mode === 'fcfs') return { mode }
  if (mode === 'lottery') {
    return { mode, opens: at(sketch.draw_opens), closes: at(sketch.draw_closes) }
  }
  const { draw_opens: opens, window_seconds: seconds } = sketch
  return { mode, seconds, ...(opens && { opens: at(opens) }) }
}

function detailsOf(sketch: Sketch): object {
  const { kind, lines, min_age: min, max_age: max, gender } = sketch
  const items = lines.split('\n').flatMap((line) => line.trim() || [])
  switch (kind) {
    case 'checkup':
      return {
        ...{ kind, items },
        ...(min !== '' && { min_age: Number(min) }),
        ...(max !== '' && { max_age: Number(max) }),
        ...(gender && { gender }),
      }
    case 'insurance': {
      const { insurer, cover_days } = sketch
      return { kind, insurer, cover_days, sum_insured: fenOf(sketch.sum_insured) }
    }
    case 'package': {
      const { pick_up_point, collector_allowed } = sketch
      return { kind, contents: items, pick_up_point, collector_allowed }
    }
    case 'coupon': {
      const { face_value, minimum_spend } = sketch
      return { kind, face_value: fenOf(face_value), minimum_spend: fenOf(minimum_spend) }
    }
  }
}

/** Where it is taken, as rules of acceptance. */
export function acceptanceOf({ accepted, accepted_codes: typed }: Sketch): object[] {
  if (accepted === 'all') return [{ target: 'all', value: '' }]
  return codesIn(typed).map((value) => ({ target: accepted, value }))
}
