import { Badge } from '@mantine/core'

import { useLanguage, type Words } from '../../parts/language.tsx'

// Each carries white text at 4.5 : 1 or more, in light and in dark.
const good = '#1b6e2d'
const going = '#1558a8'
const waits = '#7a5200'
const stopped = '#8a3d00'
const bad = '#a8101c'
const ended = '#4a5058'

const colours: Readonly<Record<string, string>> = {
  active: good,
  published: good,
  completed: good,
  approved: good,
  valid: good,
  sufficient: good,
  paid: good,
  running: going,
  recalling: going,
  submitted: waits,
  proposed: waits,
  carried_out: good,
  waiting: waits,
  offered: waits,
  suspended: stopped,
  paused: stopped,
  insufficient: bad,
  rejected: bad,
  failed: bad,
  revoked: bad,
  disputed: bad,
}

/** A state in words on a colour; the words carry it, not the colour. */
export function State({
  state,
  names,
}: {
  readonly state: string
  readonly names: Readonly<Record<string, Words>>
}) {
  const { say } = useLanguage()
  const name = names[state]
  return (
    <Badge
      variant="filled"
      tt="none"
      miw="max-content"
      color={colours[state] ?? ended}
      data-state={state}
    >
      {name ? say(name) : state}
    </Badge>
  )
}
