import { addDays, birthday, daysBetween, type IsoDate } from './civil-date.ts'
import type { AgeTest, HistoryTest, Leaf } from './criteria.ts'
import { evaluate, historyCount, type Judged } from './evaluate.ts'
import type { PersonFacts } from './person-facts.ts'
import { rangeOf, thresholds } from './range.ts'

/** What waiting alone will do: the first future day that is true, and the first unknown. */
export type Outlook = {
  readonly trueFrom: Judged | undefined
  readonly trueFromDate: IsoDate | undefined
  readonly openFrom: Judged | undefined
}

/**
 * Looks ahead from a false judgement. Facts stay as they are and no voucher event is added, so the
 * value can change only on the days on which some leaf does; those are tried in order, and the
 * first day found is the first there is.
 */
export function outlook(judged: Judged, person: PersonFacts, today: IsoDate): Outlook {
  let openFrom: Judged | undefined
  for (const date of changeDays(judged, person, today)) {
    const then = evaluate(judged.criteria, person, date)
    if (then.truth === 'true') return { trueFrom: then, trueFromDate: date, openFrom }
    if (then.truth === 'unknown') openFrom ??= then
  }
  return { trueFrom: undefined, trueFromDate: undefined, openFrom }
}

/** The days to wait until `leaf` is `wanted`; undefined when waiting never helps. */
export function daysToWait(
  leaf: Leaf,
  wanted: boolean,
  person: PersonFacts,
  today: IsoDate,
): number | undefined {
  const date = leafChangeDays(leaf, person, today).find(
    (day) => evaluate(leaf, person, day).truth === String(wanted),
  )
  return date === undefined ? undefined : daysBetween(today, date)
}

function changeDays(judged: Judged, person: PersonFacts, today: IsoDate): readonly IsoDate[] {
  const found = new Set<IsoDate>()
  const open = [judged]
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    open.push(...node.children)
    if (node.children.length > 0) continue
    for (const date of leafChangeDays(node.criteria as Leaf, person, today)) found.add(date)
  }
  return [...found].sort()
}

/** The days after `today` on which the value of a leaf may change, in order. */
function leafChangeDays(leaf: Leaf, person: PersonFacts, today: IsoDate): readonly IsoDate[] {
  const { birth_date: birth, joined_on: joined } = person.facts
  let dates: readonly IsoDate[] = []
  if ('age' in leaf && birth !== undefined) dates = ageChangeDays(leaf.age, birth)
  if ('tenure' in leaf && joined !== undefined) {
    const { op, days } = leaf.tenure
    dates = thresholds(rangeOf(op, days)).map((n) => addDays(joined, n))
  }
  if ('history' in leaf) dates = historyChangeDays(leaf.history, person, today)
  return dates.filter((date) => date > today).sort()
}

function ageChangeDays({ op, years, on }: AgeTest, birth: IsoDate): readonly IsoDate[] {
  const birthdays = thresholds(rangeOf(op, years)).map((n) => birthday(birth, n))
  if (on === undefined || on === 'today') return birthdays
  if (on === 'year_end') return birthdays.map((date) => `${date.slice(0, 4)}-01-01`)
  if (on !== 'year_start') return []
  return birthdays.map((date) =>
    date.endsWith('-01-01') ? date : `${Number(date.slice(0, 4)) + 1}-01-01`,
  )
}

/** A window moves on and events fall out of it; none come in, for none are in the future. */
function historyChangeDays(test: HistoryTest, person: PersonFacts, today: IsoDate): IsoDate[] {
  if (test.within === 'ever') return []
  if (test.within === 'calendar_year') return [`${Number(today.slice(0, 4)) + 1}-01-01`]
  const bounds = thresholds(rangeOf(test.op, test.count)).filter((n) => n > 0)
  return bounds.map((n) => firstDayBelow(n, test, person, today))
}

/** The first day from today on which fewer than `bound` (1 or more) events are in the window. */
function firstDayBelow(
  bound: number,
  test: HistoryTest,
  person: PersonFacts,
  today: IsoDate,
): IsoDate {
  let [low, high] = [0, 365]
  while (low < high) {
    const middle = (low + high) >> 1
    if (historyCount(test, person, addDays(today, middle)) < bound) high = middle
    else low = middle + 1
  }
  return addDays(today, low)
}
