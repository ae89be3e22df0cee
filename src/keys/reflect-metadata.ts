// @peculiar/x509 finds its parts by tsyringe, which asks for three functions of a proposal that no
// engine has. This is as much of it as tsyringe calls, in place of one more dependency.

type Target = object

const kept = new WeakMap<Target, Map<unknown, unknown>>()

const proposal = {
  defineMetadata(key: unknown, value: unknown, target: Target): void {
    const own = kept.get(target) ?? new Map<unknown, unknown>()
    kept.set(target, own.set(key, value))
  },
  getOwnMetadata(key: unknown, target: Target): unknown {
    return kept.get(target)?.get(key)
  },
  getMetadata(key: unknown, target: Target): unknown {
    for (let at: Target | null = target; at; at = Object.getPrototypeOf(at) as Target | null) {
      if (kept.get(at)?.has(key)) return kept.get(at)?.get(key)
    }
    return undefined
  },
}

if (!('getMetadata' in Reflect)) Object.assign(Reflect, proposal)
