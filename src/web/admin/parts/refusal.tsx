import { Alert, List } from '@mantine/core'

import { Refused } from '../../parts/ask.ts'
import { useLanguage } from '../../parts/language.tsx'
import { wordsOf } from '../../parts/trouble.tsx'

/** What went wrong, in the API's words, with what it says about single fields. */
export function Refusal({ error }: { readonly error: unknown }) {
  const { say } = useLanguage()
  if (!error) return null
  const refused = error instanceof Refused ? error : undefined
  const issues = refused?.problem.issues
  const told = Array.isArray(issues) ? issues.filter((one) => typeof one === 'string') : []
  return (
    <Alert
      color="red"
      role="alert"
      data-code={refused?.code}
      title={say(wordsOf(error, 'cashier'))}
    >
      {refused && <span className="code">{refused.code}</span>}
      {told.length > 0 && (
        <List size="sm">
          {told.map((one) => (
            <List.Item key={one}>{one}</List.Item>
          ))}
        </List>
      )}
    </Alert>
  )
}
