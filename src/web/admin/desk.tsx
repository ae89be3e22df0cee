import { MantineProvider } from '@mantine/core'
import { QueryClientProvider } from '@tanstack/react-query'
import { type ReactNode, Suspense } from 'react'
import { Route, Router, Switch } from 'wouter'
import { useHashLocation } from 'wouter/use-hash-location'

import { useLanguage, type Words } from '../parts/language.tsx'
import { queries } from './desk-api.ts'
import { Entrance } from './session/entrance.tsx'
import { type Place, Shell } from './shell.tsx'
import { styleNonce, theme } from './theme.ts'
import { words } from './words.ts'

/** A desk: a door, a frame, and the screens that `children`, routes, lead to. */
export function Desk({
  title,
  places,
  children,
}: {
  readonly title: Words
  readonly places: readonly Place[]
  readonly children: ReactNode
}) {
  const { say } = useLanguage()
  return (
    <MantineProvider theme={theme} defaultColorScheme="auto" getStyleNonce={styleNonce}>
      <QueryClientProvider client={queries}>
        <Router hook={useHashLocation}>
          <Entrance title={title}>
            {(session, leave) => (
              <Shell title={title} session={session} places={places} leave={leave}>
                <Suspense fallback={<p>{say(words.loading)}</p>}>
                  <Switch>
                    {children}
                    <Route>
                      <p>{say(words.not_found)}</p>
                    </Route>
                  </Switch>
                </Suspense>
              </Shell>
            )}
          </Entrance>
        </Router>
      </QueryClientProvider>
    </MantineProvider>
  )
}
