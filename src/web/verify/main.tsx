import { start } from '../parts/start.tsx'
import { App } from './app.tsx'

start(<App />)
