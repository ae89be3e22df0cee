import { Route } from 'wouter'

import { late } from '../parts/late.tsx'
import { Desk } from './desk.tsx'
import type { Place } from './shell.tsx'
import { words } from './words.ts'

const Home = late(() => import('./home.tsx'))
const Organisations = late(() => import('./organisations/organisations.tsx'))
const Members = late(() => import('./members/members.tsx'))
const Member = late(() => import('./members/member.tsx'))
const Imports = late(() => import('./members/imports.tsx'))
const Programmes = late(() => import('./benefits/programmes.tsx'))
const Programme = late(() => import('./benefits/programme.tsx'))
const Acceptance = late(() => import('./benefits/acceptance.tsx'))
const NewBenefit = late(() => import('./benefits/new-benefit.tsx'))
const Batches = late(() => import('./batches/batches.tsx'))
const Batch = late(() => import('./batches/batch.tsx'))
const Approvals = late(() => import('./batches/approvals.tsx'))
const Proposal = late(() => import('./approvals/proposal.tsx'))
const Applications = late(() => import('./applications/applications.tsx'))
const Transfers = late(() => import('./transfers/transfers.tsx'))
const Portraits = late(() => import('./portraits/portraits.tsx'))
const Outbox = late(() => import('./outbox/outbox.tsx'))
const Merchants = late(() => import('./merchants/merchants.tsx'))
const Merchant = late(() => import('./merchants/merchant.tsx'))
const Store = late(() => import('./merchants/store.tsx'))
const Vouchers = late(() => import('./vouchers/vouchers.tsx'))
const Cases = late(() => import('./vouchers/cases.tsx'))
const Segments = late(() => import('./benefits/segments.tsx'))
const Draws = late(() => import('./benefits/draws.tsx'))
const Statements = late(() => import('./statements/statements.tsx'))
const Statement = late(() => import('./statements/statement.tsx'))
const Staff = late(() => import('./staff/staff.tsx'))

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
