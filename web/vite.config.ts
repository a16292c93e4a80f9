import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

/** The service does not need Vite to run: it serves what is built here. */
export default defineConfig({
  root: import.meta.dirname,
  base: '/',
  plugins: [react()],
  build: {
    outDir: 'dist',
    target: 'es2022',
    // Everything is a file of its own: the page's policy allows no script or data inside it.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
})
