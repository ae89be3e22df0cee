import { day, type Instant } from '../../base/clock.ts'

/** One programme of each kind, as the demonstration's desk would enter it. */
export interface DemoProgramme {
  readonly public_id: string
  readonly name_zh: string
  readonly name_en: string
  /** Fen. */
  readonly budget: number
  readonly definition: Readonly<Record<string, unknown>>
  /** Where it is taken: a category of stores. */
  readonly category: string
}

const drivers = { fact: 'new_employment_form', op: 'eq', value: true }
const anybody = { fact: 'standing', op: 'eq', value: 'active' }

/** From yesterday for half a year, as a definition writes it. */
interface Season {
  readonly from: string
  readonly to: string
}

/** The demonstration's programmes at `now`. */
export function demoProgrammes(now: Instant): readonly DemoProgramme[] {
  const season = {
    from: new Date(now - day).toISOString(),
    to: new Date(now + 180 * day).toISOString(),
  }
  return [checkup(season), insurance, parcel(season), coupon(season)]
}

const checkup = (season: Season): DemoProgramme => ({
  public_id: 'checkup-2026',
  name_zh: '新就业形态劳动者体检',
  name_en: 'Health checkup for new forms of employment',
  budget: 600_000_000,
  category: 'clinic',
  definition: {
    name: { zh: '免费健康体检', en: 'Free health checkup' },
    description: { zh: '快递员、外卖员、网约车和货车司机', en: 'Couriers, riders and drivers' },
    details: { kind: 'checkup', min_age: 18, items: ['血压', '血糖', '心电图', '胸片'] },
    amount: 30_000,
    validity: season,
    supply: 'batch',
    criteria: { all: [drivers, { tenure: { op: 'ge', days: 365 } }] },
  },
})

const insurance: DemoProgramme = {
  public_id: 'insurance-2026',
  name_zh: '职工互助保障',
  name_en: 'Mutual insurance',
  budget: 400_000_000,
  category: 'insurer',
  definition: {
    name: { zh: '职工意外互助保障', en: 'Mutual accident insurance' },
    description: { zh: '一年期，保额五万元', en: 'One year, CNY 50 000' },
    details: {
      kind: 'insurance',
      insurer: '宁夏职工互助保障会',
      cover_days: 365,
      sum_insured: 5_000_000,
    },
    amount: 5_000,
    validity: { days_after_claim: 90 },
    supply: 'batch',
    criteria: { any: [drivers, { fact: 'hardship', op: 'eq', value: true }] },
  },
}

const parcel = (season: Season): DemoProgramme => ({
  public_id: 'package-2026',
  name_zh: '夏送清凉关爱礼包',
  name_en: 'Summer care package',
  budget: 200_000_000,
  category: 'service_station',
  definition: {
    name: { zh: '清凉关爱礼包', en: 'Summer care package' },
    description: { zh: '环卫、建筑工人', en: 'Sanitation and construction workers' },
    details: {
      kind: 'package',
      contents: ['毛巾', '藿香正气水', '绿豆', '水杯'],
      pick_up_point: '户外劳动者服务站',
      collector_allowed: true,
    },
    amount: 8_000,
    validity: season,
    supply: 'batch',
    criteria: { fact: 'occupation', op: 'in', value: ['sanitation', 'construction'] },
  },
})

const coupon = (season: Season): DemoProgramme => ({
  public_id: 'coupon-2026',
  name_zh: '洗车理发优惠券',
  name_en: 'Car wash and haircut coupons',
  budget: 20_000_000,
  category: 'shop',
  definition: {
    name: { zh: '满20减10消费券', en: 'CNY 10 off 20' },
    description: { zh: '先到先得', en: 'First come, first served' },
    details: { kind: 'coupon', face_value: 1_000, minimum_spend: 2_000 },
    amount: 1_000,
    validity: season,
    supply: 'stock',
    stock: 5_000,
    criteria: anybody,
  },
})
