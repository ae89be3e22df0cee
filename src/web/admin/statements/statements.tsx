import { Anchor } from '@mantine/core'

import { useLanguage } from '../../parts/language.tsx'
import { moneyText } from '../../parts/times.ts'
import { useList } from '../desk-api.ts'
import { Listing } from '../parts/listing.tsx'
import { Screen } from '../parts/screen.tsx'
import { State } from '../parts/state.tsx'
import { words as common } from '../words.ts'
import type { Statement } from './statement-record.ts'
import { statementStateNames, words } from './words.ts'

/** What merchants are owed, month by month. */
export default function Statements() {
  const { say, language } = useLanguage()
  const list = useList<Statement>('/admin/statements')
  return (
    <Screen title={say(common.statements)}>
      <Listing
        list={list}
        keyOf={({ id }) => id}
        caption={say(common.statements)}
        columns={[
          {
            head: say(words.merchant),
            cell: ({ id, merchant_name }) => (
              <Anchor href={`#/statements/${id}`}>{merchant_name}</Anchor>
            ),
          },
          { head: say(words.month), cell: ({ month }) => month },
          {
            head: say(common.state),
            cell: ({ state }) => <State state={state} names={statementStateNames} />,
          },
          { head: say(words.lines), cell: ({ lines }) => lines.toLocaleString(), number: true },
          { head: say(words.total), cell: (one) => moneyText(one.total, language), number: true },
        ]}
      />
    </Screen>
  )
}
