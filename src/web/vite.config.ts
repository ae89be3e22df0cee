import { fileURLToPath } from 'node:url'

import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

import { serviceWorker } from './service-worker.ts'

const page = (path: string) => fileURLToPath(new URL(path, import.meta.url))

/** The pages, each with a shell of its own, from one set of parts. Chrome 87 and newer. */
export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  build: {
    outDir: '../../dist/web',
    emptyOutDir: true,
    target: 'chrome87',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      input: {
        member: page('index.html'),
        merchant: page('merchant/index.html'),
        verify: page('verify/index.html'),
        admin: page('admin/index.html'),
        audit: page('audit/index.html'),
      },
    },
  },
  plugins: [react(), serviceWorker({ shells: ['/', '/merchant/', '/verify/'] })],
})
