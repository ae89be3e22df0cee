import { start } from '../parts/start.tsx'
import { App } from './app.tsx'
import { WalletProvider } from './wallet.tsx'

start(
  <WalletProvider>
    <App />
  </WalletProvider>,
)
