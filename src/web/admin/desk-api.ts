import {
  keepPreviousData,
  QueryClient,
  useInfiniteQuery,
  useMutation,
  useQuery,
} from '@tanstack/react-query'
import { useRef } from 'react'

import { Refused, randomId } from '../parts/ask.ts'
import { askDesk } from './ask-desk.ts'
import { signIn } from './session/passkey.ts'

/** A page of a list, as the API cuts it. */
export interface Page<Item> {
  readonly items: readonly Item[]
  readonly next?: string
}

/** What the pages have read. A write makes all of it old; nothing is asked again after a refusal. */
export const queries = new QueryClient({
  defaultOptions: {
    queries: {
      retry: (times, error) => !(error instanceof Refused && error.status > 0) && times < 2,
      refetchOnWindowFocus: false,
      staleTime: 10_000,
    },
  },
})

/**
 * Reads one thing; `undefined` for the path reads nothing yet. With `keep`, what another path gave
 * stays until this one has answered.
 */
export function useRead<T>(
  path: string | undefined,
  options: { everyMs?: number; keep?: boolean } = {},
) {
  return useQuery({
    queryKey: [path],
    queryFn: () => askDesk<T>('GET', path ?? ''),
    enabled: path !== undefined,
    ...(options.everyMs && { refetchInterval: options.everyMs }),
    ...(options.keep && { placeholderData: keepPreviousData }),
  })
}

/** Reads a list page by page. `items` is what was read so far. */
export function useList<Item>(path: string | undefined) {
  const query = useInfiniteQuery({
    queryKey: [path, 'list'],
    enabled: path !== undefined,
    initialPageParam: '',
    queryFn: ({ pageParam }) => {
      const [before, found] = [path ?? '', `after=${encodeURIComponent(pageParam)}`]
      const joint = before.includes('?') ? '&' : '?'
      return askDesk<Page<Item>>('GET', pageParam ? `${before}${joint}${found}` : before)
    },
    getNextPageParam: (page: Page<Item>) => page.next,
  })
  return { ...query, items: query.data?.pages.flatMap((page) => page.items) ?? [] }
}

/**
 * Writes. The key is kept while the outcome is unknown, so that asking again cannot do it twice;
 * an answer, a refusal too, ends it. Where the session is too old for what is asked, the passkey is
 * asked for and the request sent again.
 */
export function useWrite<Given, Answer>(
  send: (given: Given, key: string) => Promise<Answer>,
  done?: (answer: Answer) => void,
) {
  const key = useRef<string>(undefined)
  return useMutation({
    mutationFn: async (given: Given) => {
      const kept = key.current ?? randomId()
      key.current = kept
      try {
        return await send(given, kept)
      } catch (error) {
        if (!(error instanceof Refused) || error.code !== 'STEP_UP_REQUIRED') throw error
        await signIn()
        return send(given, kept)
      }
    },
    onSuccess: async (answer) => {
      key.current = undefined
      done?.(answer)
      await queries.invalidateQueries()
    },
    onError: (error) => {
      if (error instanceof Refused && error.status > 0) key.current = undefined
    },
  })
}
