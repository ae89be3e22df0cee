import { lazy } from 'react'
import { Route } from 'wouter'

import { Desk } from '../admin/desk.tsx'
import type { Place } from '../admin/shell.tsx'
import { proposalWords } from './proposal-record.ts'
import { words } from './words.ts'

const Home = lazy(() => import('./home.tsx'))
const Events = lazy(() => import('./events.tsx'))
const Event = lazy(() => import('./event.tsx'))
const Integrity = lazy(() => import('./integrity.tsx'))
const Board = lazy(() => import('./board.tsx'))
const Decisions = lazy(() => import('./decisions.tsx'))
const DecisionPage = lazy(() => import('./decision.tsx'))
const Draws = lazy(() => import('./draws.tsx'))
const Duties = lazy(() => import('./duties.tsx'))
const Proposals = lazy(() => import('./proposals.tsx'))
const ProposalPage = lazy(() => import('./proposal.tsx'))
const Unmasking = lazy(() => import('./unmasking.tsx'))

const permission = 'audit.read'
const places: readonly Place[] = [
  { path: '/', name: words.home },
  { path: '/events', name: words.events, permission },
  { path: '/integrity', name: words.integrity, permission },
  { path: '/board', name: words.board, permission },
  { path: '/decisions', name: words.decisions, permission },
  { path: '/draws', name: words.draws, permission },
  { path: '/duties', name: words.duties, permission },
  { path: '/proposals', name: proposalWords.title, permission },
  { path: '/unmasking', name: words.unmasking, permission },
]

/** The auditor's desk: the union's door and frame, other screens. */
export function App() {
  return (
    <Desk title={words.title} places={places}>
      <Route path="/" component={Home} />
      <Route path="/events" component={Events} />
      <Route path="/events/:id" component={Event} />
      <Route path="/integrity" component={Integrity} />
      <Route path="/board" component={Board} />
      <Route path="/decisions" component={Decisions} />
      <Route path="/decisions/:id" component={DecisionPage} />
      <Route path="/draws" component={Draws} />
      <Route path="/duties" component={Duties} />
      <Route path="/proposals" component={Proposals} />
      <Route path="/proposals/:id" component={ProposalPage} />
      <Route path="/unmasking/:subject?" component={Unmasking} />
    </Desk>
  )
}
