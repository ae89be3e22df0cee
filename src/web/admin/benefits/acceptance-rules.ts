import { codesIn } from './rule.ts'

/** A rule as the API has it (docs/nodes.md, docs/benefits.md). */
export interface AcceptanceRule {
  readonly target: string
  readonly value: string
}

export const typedTargets = ['region', 'category', 'merchant', 'store'] as const
export type TypedTarget = (typeof typedTargets)[number]

/** Rules as the fields hold them. */
export interface AcceptanceSketch {
  readonly everywhere: boolean
  readonly typed: Readonly<Record<TypedTarget, string>>
  readonly elsewhere: 'none' | 'every' | 'chosen'
  /** Numbers of nodes that are let in when they are chosen one by one. */
  readonly nodes: readonly string[]
}

/** What the fields hold of the rules that are in force. */
export function sketchOf(rules: readonly AcceptanceRule[]): AcceptanceSketch {
  const valuesOf = (wanted: string) =>
    rules.flatMap(({ target, value }) => (target === wanted ? [value] : []))
  const nodes = valuesOf('node')
  const every = nodes.includes('*')
  return {
    everywhere: valuesOf('all').length > 0,
    typed: {
      region: valuesOf('region').join(', '),
      category: valuesOf('category').join(', '),
      merchant: valuesOf('merchant').join(', '),
      store: valuesOf('store').join(', '),
    },
    elsewhere: every ? 'every' : nodes.length > 0 ? 'chosen' : 'none',
    nodes: nodes.filter((value) => value !== '*'),
  }
}

/** The rules that the fields say; what a wider choice covers is left out. */
export function rulesOf(sketch: AcceptanceSketch): AcceptanceRule[] {
  const typed = typedTargets.flatMap((target) =>
    codesIn(sketch.typed[target]).map((value) => ({ target, value })),
  )
  const nodes = { none: [], every: ['*'], chosen: sketch.nodes }[sketch.elsewhere]
  return [
    ...(sketch.everywhere ? [{ target: 'all', value: '' }] : typed),
    ...nodes.map((value) => ({ target: 'node', value })),
  ]
}
