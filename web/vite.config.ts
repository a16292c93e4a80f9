import { resolve } from 'node:path'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'
import { doorShell } from './door-shell.ts'

const here = (name: string) => resolve(import.meta.dirname, name)

/** The service does not need Vite to run: it serves what is built here. */
export default defineConfig({
  root: import.meta.dirname,
  base: '/',
  plugins: [react(), doorShell()],
  build: {
    outDir: 'dist',
    target: 'es2022',
    // Everything is a file of its own: the page's policy allows no script or data inside it.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    rolldownOptions: {
      input: { index: here('index.html'), door: here('door.html'), worker: here('src/door/worker.ts') },
      // A service worker keeps its address.
      output: { entryFileNames: ({ name }) => (name === 'worker' ? 'door/worker.js' : 'assets/[name]-[hash].js') },
    },
  },
})
