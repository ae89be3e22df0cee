import { useCare } from './care.ts'
import { useLanguage, type Words } from './language.tsx'

const large: Words = { zh: '大字版', en: 'Large text' }
const standard: Words = { zh: '标准版', en: 'Standard text' }

/** Switches care mode on and off: in sight on every page. */
export function CareSwitch() {
  const { say } = useLanguage()
  const [on, toggle] = useCare()
  return (
    <button type="button" onClick={toggle}>
      {say(on ? standard : large)}
    </button>
  )
}
