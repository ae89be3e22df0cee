import { lazy } from 'react'
import { Route } from 'wouter'

import { Desk } from './desk.tsx'
import type { Place } from './shell.tsx'
import { words } from './words.ts'

const Home = lazy(() => import('./home.tsx'))
const Organisations = lazy(() => import('./organisations/organisations.tsx'))
const Members = lazy(() => import('./members/members.tsx'))
const Member = lazy(() => import('./members/member.tsx'))
const Imports = lazy(() => import('./members/imports.tsx'))
const Programmes = lazy(() => import('./benefits/programmes.tsx'))
const Programme = lazy(() => import('./benefits/programme.tsx'))
const Acceptance = lazy(() => import('./benefits/acceptance.tsx'))
const NewBenefit = lazy(() => import('./benefits/new-benefit.tsx'))
const Batches = lazy(() => import('./batches/batches.tsx'))
const Batch = lazy(() => import('./batches/batch.tsx'))
const Approvals = lazy(() => import('./batches/approvals.tsx'))
const Proposal = lazy(() => import('./approvals/proposal.tsx'))
const Applications = lazy(() => import('./applications/applications.tsx'))
const Transfers = lazy(() => import('./transfers/transfers.tsx'))
const Portraits = lazy(() => import('./portraits/portraits.tsx'))
const Outbox = lazy(() => import('./outbox/outbox.tsx'))
const Merchants = lazy(() => import('./merchants/merchants.tsx'))
const Merchant = lazy(() => import('./merchants/merchant.tsx'))
const Store = lazy(() => import('./merchants/store.tsx'))
const Vouchers = lazy(() => import('./vouchers/vouchers.tsx'))
const Cases = lazy(() => import('./vouchers/cases.tsx'))
const Segments = lazy(() => import('./benefits/segments.tsx'))
const Draws = lazy(() => import('./benefits/draws.tsx'))
const Statements = lazy(() => import('./statements/statements.tsx'))
const Statement = lazy(() => import('./statements/statement.tsx'))
const Staff = lazy(() => import('./staff/staff.tsx'))

const places: readonly Place[] = [
  { path: '/', name: words.home },
  { path: '/organisations', name: words.organisations, permission: 'organisations.read' },
  { path: '/members', name: words.members, permission: 'members.read' },
  { path: '/applications', name: words.applications, permission: 'members.read' },
  { path: '/transfers', name: words.transfers, permission: 'members.read' },
  { path: '/portraits', name: words.portraits, permission: 'members.write' },
  { path: '/outbox', name: words.outbox, permission: 'members.read' },
  { path: '/imports', name: words.imports, permission: 'members.read' },
  { path: '/programmes', name: words.programmes, permission: 'benefits.read' },
  { path: '/segments', name: words.segments, permission: 'benefits.read' },
  { path: '/batches', name: words.batches, permission: 'benefits.read' },
  { path: '/approvals', name: words.approvals, permission: 'batches.approve' },
  { path: '/draws', name: words.draws, permission: 'benefits.read' },
  { path: '/vouchers', name: words.vouchers, permission: 'vouchers.read' },
  { path: '/cases', name: words.cases, permission: 'vouchers.read' },
  { path: '/merchants', name: words.merchants, permission: 'merchants.read' },
  { path: '/statements', name: words.statements, permission: 'statements.read' },
  { path: '/staff', name: words.staff, permission: 'staff.write' },
]

/** The desk: signed in with a passkey, then one screen a place. */
export function App() {
  return (
    <Desk title={words.title} places={places}>
      <Route path="/" component={Home} />
      <Route path="/organisations/:code?" component={Organisations} />
      <Route path="/members/of/:code" component={Members} />
      <Route path="/members" component={Members} />
      <Route path="/members/:id" component={Member} />
      <Route path="/imports" component={Imports} />
      <Route path="/programmes" component={Programmes} />
      <Route path="/programmes/:id" component={Programme} />
      <Route path="/programmes/:id/benefits/new" component={NewBenefit} />
      <Route path="/benefits/:id/acceptance" component={Acceptance} />
      <Route path="/segments" component={Segments} />
      <Route path="/batches" component={Batches} />
      <Route path="/batches/for/:benefit" component={Batches} />
      <Route path="/batches/:id" component={Batch} />
      <Route path="/approvals" component={Approvals} />
      <Route path="/approvals/:id" component={Proposal} />
      <Route path="/applications" component={Applications} />
      <Route path="/transfers" component={Transfers} />
      <Route path="/portraits" component={Portraits} />
      <Route path="/outbox" component={Outbox} />
      <Route path="/merchants" component={Merchants} />
      <Route path="/merchants/:id" component={Merchant} />
      <Route path="/stores/:id" component={Store} />
      <Route path="/vouchers/:id?" component={Vouchers} />
      <Route path="/cases" component={Cases} />
      <Route path="/draws" component={Draws} />
      <Route path="/statements" component={Statements} />
      <Route path="/statements/:id" component={Statement} />
      <Route path="/staff" component={Staff} />
    </Desk>
  )
}
