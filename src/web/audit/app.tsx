import { Route } from 'wouter'
import { Desk } from '../admin/desk.tsx'
import type { Place } from '../admin/shell.tsx'
import { late } from '../parts/late.tsx'
import { proposalWords } from './proposal-record.ts'
import { words } from './words.ts'

const Home = late(() => import('./home.tsx'))
const Events = late(() => import('./events.tsx'))
const Event = late(() => import('./event.tsx'))
const Integrity = late(() => import('./integrity.tsx'))
const Board = late(() => import('./board.tsx'))
const Decisions = late(() => import('./decisions.tsx'))
const DecisionPage = late(() => import('./decision.tsx'))
const Draws = late(() => import('./draws.tsx'))
const Duties = late(() => import('./duties.tsx'))
const Proposals = late(() => import('./proposals.tsx'))
const ProposalPage = late(() => import('./proposal.tsx'))
const Unmasking = late(() => import('./unmasking.tsx'))

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
