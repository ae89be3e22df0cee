import './old-browsers.ts'
import './style.css'

import { type ReactNode, StrictMode } from 'react'
import { createRoot } from 'react-dom/client'

/** Puts a page's application in its place, and keeps its files for when there is no network. */
export function start(application: ReactNode): void {
  const place = document.getElementById('page')
  if (!place) throw new TypeError('the page has no place for its application')
  createRoot(place).render(<StrictMode>{application}</StrictMode>)
  if ('serviceWorker' in navigator) navigator.serviceWorker.register('/sw.js').catch(() => {})
}
