import './door.css'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { DoorApp } from './door-app'

const root = document.getElementById('root')
if (!root) throw new Error('the page has no element #root')
createRoot(root).render(
  <StrictMode>
    <DoorApp eventId={decodeURIComponent(window.location.pathname.split('/')[2] ?? '')} />
  </StrictMode>,
)
// In development, pages change without a worker.
if (import.meta.env.PROD && 'serviceWorker' in navigator) {
  void navigator.serviceWorker.register('/door/worker.js', { scope: '/door/' })
}
