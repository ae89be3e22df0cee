import { NativeSelect } from '@mantine/core'

import { useLanguage } from '../../parts/language.tsx'
import { useList } from '../desk-api.ts'
import { words } from './words.ts'

/** What the figures are about; '' is all of it. */
export interface About {
  readonly programme: string
  readonly benefit: string
}

interface Named {
  readonly id: string
  readonly name_zh: string
  readonly name_en: string
}

/** Chooses one programme, or one benefit of those there are. */
export function AboutWhat({
  about,
  change,
}: {
  readonly about: About
  readonly change: (about: About) => void
}) {
  const { say, language } = useLanguage()
  const programmes = useList<Named>('/admin/programmes?limit=100').items
  const only = about.programme && `&programme_id=${about.programme}`
  const benefits = useList<Named>(`/admin/benefits?limit=100${only}`).items
  const nameOf = (one: Named) => (language === 'en' ? one.name_en : one.name_zh)
  return (
    <>
      <NativeSelect
        label={say(words.of_programme)}
        value={about.programme}
        data={[
          { value: '', label: say(words.all_of_them) },
          ...programmes.map((one) => ({ value: one.id, label: nameOf(one) })),
        ]}
        onChange={({ currentTarget }) => change({ programme: currentTarget.value, benefit: '' })}
      />
      <NativeSelect
        label={say(words.of_benefit)}
        value={about.benefit}
        data={[
          { value: '', label: say(words.all_of_them) },
          ...benefits.map((one) => ({ value: one.id, label: nameOf(one) })),
        ]}
        onChange={({ currentTarget }) => change({ ...about, benefit: currentTarget.value })}
      />
    </>
  )
}
