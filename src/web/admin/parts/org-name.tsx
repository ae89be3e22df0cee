import { Text } from '@mantine/core'

import { useRead } from '../desk-api.ts'

/** An organisation by its name, with its code; the code alone until the name is known. */
export function OrgName({ code }: { readonly code: string }) {
  const { data } = useRead<{ name_zh: string }>(`/admin/organisations/${code}`)
  return (
    <>
      {data?.name_zh}{' '}
      <Text component="span" size="sm" c="dimmed">
        {code}
      </Text>
    </>
  )
}
