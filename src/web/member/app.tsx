import { Suspense, useEffect, useState } from 'react'
import { Link, Route, Router, Switch } from 'wouter'
import { useHashLocation } from 'wouter/use-hash-location'
import { CareSwitch } from '../parts/care-switch.tsx'
import { Icon } from '../parts/icon.tsx'
import { useKeptFocus } from '../parts/kept-focus.ts'
import { LanguageSwitch, useLanguage } from '../parts/language.tsx'
import { late } from '../parts/late.tsx'
import { timeText } from '../parts/times.ts'
import { hasApplied } from './applied.ts'
import { Home } from './home.tsx'
import { Join } from './join.tsx'
import { Vouchers } from './vouchers.tsx'
import { useWallet } from './wallet.tsx'
import { words } from './words.ts'

// What is not seen at once is loaded after it; without a network it is there as well.
const Apply = late(async () => ({ default: (await import('./apply.tsx')).Apply }))
const Take = late(async () => ({ default: (await import('./take.tsx')).Take }))
const Move = late(async () => ({ default: (await import('./move.tsx')).Move }))
const Card = late(async () => ({ default: (await import('./card.tsx')).Card }))
const Consent = late(async () => ({ default: (await import('./consent.tsx')).Consent }))
const Scan = late(async () => ({ default: (await import('./scan.tsx')).Scan }))
const Me = late(async () => ({ default: (await import('./me.tsx')).Me }))
const Rights = late(async () => ({ default: (await import('./rights.tsx')).Rights }))
const RightScreen = late(async () => ({ default: (await import('./rights.tsx')).RightScreen }))
const ReceiptScreen = late(async () => ({
  default: (await import('./receipt.tsx')).ReceiptScreen,
}))
const ReceiptsScreen = late(async () => ({
  default: (await import('./receipts.tsx')).ReceiptsScreen,
}))
const StoreScreen = late(async () => ({ default: (await import('./store.tsx')).StoreScreen }))
const StoresScreen = late(async () => ({ default: (await import('./stores.tsx')).StoresScreen }))
const PortraitScreen = late(async () => ({
  default: (await import('./portrait-screen.tsx')).PortraitScreen,
}))
const MyData = late(async () => ({ default: (await import('./my-data.tsx')).MyData }))
const MessagesScreen = late(async () => ({
  default: (await import('./messages.tsx')).MessagesScreen,
}))
const TransferScreen = late(async () => ({
  default: (await import('./transfer.tsx')).TransferScreen,
}))
const VoucherScreen = late(async () => ({
  default: (await import('./voucher.tsx')).VoucherScreen,
}))

const tabs = [
  ['/', 'home', words.home],
  ['/rights', 'rights', words.rights],
  ['/vouchers', 'vouchers', words.vouchers],
  ['/me', 'me', words.me],
] as const

/** The member's wallet: four tabs, and what opens from them. */
export function App() {
  const { say } = useLanguage()
  const { enrolled } = useWallet()
  useKeptFocus()
  if (enrolled === undefined) return <main>{say(words.loading)}</main>
  if (enrolled === null) return <Newcomer />
  return (
    <Router hook={useHashLocation}>
      <main>
        <Top />
        <Suspense fallback={<p>{say(words.loading)}</p>}>
          <Switch>
            <Route path="/card">
              <Card />
            </Route>
            <Route path="/rights">
              <Rights />
            </Route>
            <Route path="/rights/:id">{({ id }) => <RightScreen id={id} />}</Route>
            <Route path="/vouchers">
              <Vouchers />
            </Route>
            <Route path="/vouchers/:id">{({ id }) => <VoucherScreen id={id} />}</Route>
            <Route path="/vouchers/:id/receipts">{({ id }) => <ReceiptsScreen id={id} />}</Route>
            <Route path="/redemptions/:id">{({ id }) => <ReceiptScreen id={id} />}</Route>
            <Route path="/store/:id">{({ id }) => <StoreScreen key={id} id={id} />}</Route>
            <Route path="/stores">
              <StoresScreen />
            </Route>
            <Route path="/messages">
              <MessagesScreen />
            </Route>
            <Route path="/transfer">
              <TransferScreen />
            </Route>
            <Route path="/portrait">
              <PortraitScreen />
            </Route>
            <Route path="/my-data">
              <MyData />
            </Route>
            <Route path="/present/:query">
              <Consent />
            </Route>
            <Route path="/scan">
              <Scan />
            </Route>
            <Route path="/move">
              <Move />
            </Route>
            <Route path="/me">
              <Me />
            </Route>
            <Route>
              <Home />
            </Route>
          </Switch>
        </Suspense>
      </main>
      <Tabs />
    </Router>
  )
}

/** A phone that is nobody's yet: by a union's code, an old phone's, or an activation code. */
function Newcomer() {
  const { say } = useLanguage()
  const [path] = useHashLocation()
  const [applied, setApplied] = useState<boolean>()
  useEffect(() => {
    void hasApplied().then(setApplied)
  }, [])
  const [, kind, code] = /^\/(join|phone)\/([A-Za-z0-9_-]{1,64})$/.exec(path) ?? []
  if (applied === undefined) return <main>{say(words.loading)}</main>
  if (kind === undefined && !applied) return <Join />
  return (
    <Suspense fallback={<main>{say(words.loading)}</main>}>
      {kind === 'phone' && code ? (
        <Take token={code} />
      ) : (
        <Apply code={kind === 'join' ? code : undefined} applied={applied} onChange={setApplied} />
      )}
    </Suspense>
  )
}

/** Care mode and language in sight, and how fresh what is shown is. */
function Top() {
  const { say, language } = useLanguage()
  const { holdings, offline, refresh } = useWallet()
  const time = holdings ? timeText(holdings.syncedAt, language) : '–'
  return (
    <>
      <div className="bar">
        <CareSwitch />
        <LanguageSwitch />
      </div>
      {offline && (
        <div className="note bar" role="status">
          <span>{say(words.offline, { time })}</span>
          <button type="button" onClick={refresh}>
            {say(words.refresh)}
          </button>
        </div>
      )}
    </>
  )
}

function Tabs() {
  const { say } = useLanguage()
  const [path] = useHashLocation()
  const { holdings } = useWallet()
  const unread = holdings?.profile.unread_messages ?? 0
  return (
    <nav className="tabs" aria-label={say(words.title)}>
      {tabs.map(([href, icon, name]) => {
        const here = href === '/' ? path === '/' || path === '/card' : path.startsWith(href)
        return (
          <Link key={href} href={href} aria-current={here ? 'page' : undefined}>
            <Icon name={icon} />
            {say(name)}
            {href === '/me' && unread > 0 && (
              <span className="badge">
                {unread > 99 ? '99+' : unread}
                <span className="hidden">{say(words.unread)}</span>
              </span>
            )}
          </Link>
        )
      })}
    </nav>
  )
}
