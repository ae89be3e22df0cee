import { formatVkey, type Vkey } from './note.ts'
import type { Policy, Quorum } from './policy.ts'

/**
 * Writes a policy as a file that `parsePolicy` reads (tlog-policy). The names of witnesses and
 * groups are ours: a policy that was read has forgotten its own.
 */
export function formatPolicy({ logs, witnesses, quorum }: Policy): string {
  const names = new Map(witnesses.map(({ vkey }, i) => [formatVkey(vkey), `witness${i + 1}`]))
  const lines = logs.map(({ vkey }) => `log ${formatVkey(vkey)}`)
  for (const [text, name] of names) lines.push(`witness ${name} ${text}`)
  let groups = 0
  const nameOf = (one: Quorum): string => {
    if (one.kind === 'none') return 'none'
    if (one.kind === 'witness') return known(names, one.vkey)
    const members = one.members.map(nameOf)
    groups += 1
    lines.push(`group group${groups} ${one.threshold} ${members.join(' ')}`)
    return `group${groups}`
  }
  const last = nameOf(quorum)
  return `${[...lines, `quorum ${last}`].join('\n')}\n`
}

function known(names: ReadonlyMap<string, string>, vkey: Vkey): string {
  const name = names.get(formatVkey(vkey))
  if (name === undefined) throw new TypeError('the quorum names a witness that is not listed')
  return name
}
