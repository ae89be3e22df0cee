import { MantineProvider } from '@mantine/core'
import { QueryClientProvider } from '@tanstack/react-query'
import { lazy, Suspense } from 'react'
import { Route, Router, Switch } from 'wouter'
import { useHashLocation } from 'wouter/use-hash-location'

import { queries } from '../admin/desk-api.ts'
import { Entrance } from '../admin/session/entrance.tsx'
import { type Place, Shell } from '../admin/shell.tsx'
import { styleNonce, theme } from '../admin/theme.ts'
import { words as common } from '../admin/words.ts'
import { useLanguage } from '../parts/language.tsx'
import { words } from './words.ts'

const Home = lazy(() => import('./home.tsx'))
const Events = lazy(() => import('./events.tsx'))
const Event = lazy(() => import('./event.tsx'))
const Integrity = lazy(() => import('./integrity.tsx'))
const Board = lazy(() => import('./board.tsx'))
const Decisions = lazy(() => import('./decisions.tsx'))
const DecisionPage = lazy(() => import('./decision.tsx'))
const Duties = lazy(() => import('./duties.tsx'))
const Unmasking = lazy(() => import('./unmasking.tsx'))

const permission = 'audit.read'
const places: readonly Place[] = [
  { path: '/', name: words.home },
  { path: '/events', name: words.events, permission },
  { path: '/integrity', name: words.integrity, permission },
  { path: '/board', name: words.board, permission },
  { path: '/decisions', name: words.decisions, permission },
  { path: '/duties', name: words.duties, permission },
  { path: '/unmasking', name: words.unmasking, permission },
]

/** The auditor's desk: the union's door and frame, other screens. */
export function App() {
  return (
    <MantineProvider theme={theme} defaultColorScheme="auto" getStyleNonce={styleNonce}>
      <QueryClientProvider client={queries}>
        <Router hook={useHashLocation}>
          <Entrance title={words.title}>
            {(session, leave) => (
              <Shell title={words.title} session={session} places={places} leave={leave}>
                <Screens />
              </Shell>
            )}
          </Entrance>
        </Router>
      </QueryClientProvider>
    </MantineProvider>
  )
}

function Screens() {
  const { say } = useLanguage()
  return (
    <Suspense fallback={<p>{say(common.loading)}</p>}>
      <Switch>
        <Route path="/" component={Home} />
        <Route path="/events" component={Events} />
        <Route path="/events/:id" component={Event} />
        <Route path="/integrity" component={Integrity} />
        <Route path="/board" component={Board} />
        <Route path="/decisions" component={Decisions} />
        <Route path="/decisions/:id" component={DecisionPage} />
        <Route path="/duties" component={Duties} />
        <Route path="/unmasking/:subject?" component={Unmasking} />
        <Route>
          <p>{say(common.not_found)}</p>
        </Route>
      </Switch>
    </Suspense>
  )
}
