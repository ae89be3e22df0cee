/** One sentence or name in the two languages of the product. */
export type Words = { readonly zh: string; readonly en: string }

/** Dates are ISO text, money is integer fen, a code set is a set of codes of one list. */
export type FactType = 'bool' | 'int' | 'date' | 'code' | 'code_set' | 'money'

export type FactScalar = string | number | boolean
export type FactValue = FactScalar | readonly string[]

/**
 * How hard it is to change what blocks a member, in the same unit as a cost (section 15): waiting,
 * an act of the member, completing the profile, another occupation or organisation, another life.
 */
export const rigidity = { time: 10, action: 20, profile: 30, occupation: 60, age: 90 } as const

/** `category_only`: the category's words stand for the fact; `hide`: "another condition". */
export type Disclosure = 'show' | 'category_only' | 'hide'

/**
 * What the criteria language knows of one fact. The SQL compiler keeps its own side as a
 * `Record<FactKey, …>`, so that a fact without a column does not compile.
 */
export type Fact = {
  readonly type: FactType
  readonly label: Words
  /** Of a `bool`, what to call its being false, where "not" and the label read badly. */
  readonly negation?: Words
  /** The closed list, for `code` and `code_set`. */
  readonly codes?: Readonly<Record<string, Words>>
  readonly sensitivity: 'public' | 'personal' | 'hardship'
  readonly weight: (typeof rigidity)[keyof typeof rigidity]
  readonly disclosure: Disclosure
  /** Words that stand for the fact where only its category may be told. */
  readonly category?: Words
  /** What a member does when the fact is unknown, or wrong and theirs to change. */
  readonly fix: Words
  /** The fact to complete instead, when this one is computed from it. */
  readonly derivedFrom?: string
}

const occupations = {
  courier: { zh: '快递员', en: 'courier' },
  food_delivery: { zh: '外卖配送员', en: 'food delivery rider' },
  ride_hailing: { zh: '网约车司机', en: 'ride-hailing driver' },
  truck_driver: { zh: '货车司机', en: 'truck driver' },
  sanitation: { zh: '环卫工人', en: 'sanitation worker' },
  construction: { zh: '建筑工人', en: 'construction worker' },
  manufacturing: { zh: '制造业工人', en: 'manufacturing worker' },
  domestic_service: { zh: '家政服务员', en: 'domestic service worker' },
  security_guard: { zh: '保安员', en: 'security guard' },
  other: { zh: '其他', en: 'other' },
} as const

const completeOccupation = { zh: '请完善职业信息', en: 'Complete your occupation.' }
/** What helps where only the union can say. */
export const askUnion: Words = { zh: '请向所属工会咨询', en: 'Ask your union.' }

/** The registry: every fact a criterion may name, by its key. Reviewed code, not data. */
export const facts = {
  occupation: {
    type: 'code',
    label: { zh: '职业', en: 'occupation' },
    codes: occupations,
    sensitivity: 'personal',
    weight: rigidity.occupation,
    disclosure: 'show',
    fix: completeOccupation,
  },
  new_employment_form: {
    type: 'bool',
    label: { zh: '新就业形态劳动者', en: 'worker in a new form of employment' },
    sensitivity: 'personal',
    weight: rigidity.occupation,
    disclosure: 'show',
    fix: completeOccupation,
    derivedFrom: 'occupation',
  },
  gender: {
    type: 'code',
    label: { zh: '性别', en: 'gender' },
    codes: { female: { zh: '女', en: 'female' }, male: { zh: '男', en: 'male' } },
    sensitivity: 'personal',
    weight: rigidity.age,
    disclosure: 'show',
    fix: { zh: '请完善证件信息', en: 'Complete your identity document.' },
  },
  birth_date: {
    type: 'date',
    label: { zh: '出生日期', en: 'date of birth' },
    sensitivity: 'personal',
    weight: rigidity.age,
    disclosure: 'show',
    fix: { zh: '请完善证件信息', en: 'Complete your identity document.' },
  },
  joined_on: {
    type: 'date',
    label: { zh: '入会日期', en: 'date of joining' },
    sensitivity: 'public',
    weight: rigidity.age,
    disclosure: 'show',
    fix: { zh: '请所属工会补录入会日期', en: 'Ask your union to record when you joined.' },
  },
  hardship: {
    type: 'bool',
    label: { zh: '困难职工', en: 'registered hardship' },
    sensitivity: 'hardship',
    weight: rigidity.occupation,
    disclosure: 'category_only',
    category: { zh: '帮扶类条件', en: 'a condition about support' },
    fix: askUnion,
  },
  model_worker: {
    type: 'bool',
    label: { zh: '劳模', en: 'model worker' },
    sensitivity: 'public',
    weight: rigidity.occupation,
    disclosure: 'show',
    fix: askUnion,
  },
  standing: {
    type: 'code',
    label: { zh: '会籍状态', en: 'standing' },
    codes: {
      active: { zh: '正常', en: 'active' },
      suspended: { zh: '暂停', en: 'suspended' },
      retired: { zh: '退休', en: 'retired' },
      left: { zh: '已退会', en: 'left' },
    },
    sensitivity: 'public',
    weight: rigidity.occupation,
    disclosure: 'show',
    fix: askUnion,
  },
  has_mobile: {
    type: 'bool',
    label: { zh: '已登记手机号', en: 'mobile number on record' },
    negation: { zh: '未登记手机号', en: 'no mobile number on record' },
    sensitivity: 'public',
    weight: rigidity.action,
    disclosure: 'show',
    fix: { zh: '请登记手机号', en: 'Add your mobile number.' },
  },
} as const satisfies Record<string, Fact>

export type FactKey = keyof typeof facts
export type Occupation = keyof typeof occupations

export const factKeys = Object.keys(facts) as [FactKey, ...FactKey[]]

/** The registry's entry, seen as a plain `Fact`. `key` must be one of `factKeys`. */
export function factOf(key: FactKey): Fact {
  return facts[key]
}
