import '@mantine/core/styles.css'
import '../admin/page.css'

import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'

import { App } from './app.tsx'

const place = document.getElementById('page')
if (!place) throw new TypeError('the page has no place for its application')
createRoot(place).render(
  <StrictMode>
    <App />
  </StrictMode>,
)
