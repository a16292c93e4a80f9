import type { Plugin } from 'vite'

const ENTRY = 'src/door/main.tsx'
const WORKER = 'door/worker.js'
const SHELL = '__DOOR_SHELL__'

/** Names of installed pages: short, below an icon. */
const MANIFEST = {
  name: 'Traffic Police: door',
  short_name: 'Door',
  id: '/door/',
  start_url: '/door/start',
  scope: '/door/',
  display: 'standalone',
  background_color: '#ffffff',
  theme_color: '#1864ab',
}

/**
 * Makes the door page installable: writes the list of all files that it needs into its service worker, so that a changed
 * file makes a changed worker, and writes its manifest. In development it serves the page under its address.
 */
export function doorShell(): Plugin {
  return {
    name: 'door-shell',
    configureServer({ middlewares }) {
      middlewares.use((request, _response, next) => {
        if (/^\/door(\/[^./]*)?$/.test(request.url ?? '')) request.url = '/door.html'
        next()
      })
    },
    generateBundle(_options, bundle) {
      const files = Object.values(bundle)
      const chunks = files.filter((file) => file.type === 'chunk')
      const needed = new Set<string>()
      const add = (name: string) => {
        const chunk = chunks.find(({ fileName }) => fileName === name)
        if (!chunk || needed.has(name)) return
        needed.add(name)
        for (const other of [...chunk.imports, ...chunk.dynamicImports]) add(other)
        for (const file of [...(chunk.viteMetadata?.importedCss ?? []), ...(chunk.viteMetadata?.importedAssets ?? [])])
          needed.add(file)
      }
      const entry = chunks.find(({ moduleIds }) => moduleIds.some((id) => id.endsWith(ENTRY)))
      const worker = chunks.find(({ fileName }) => fileName === WORKER)
      const icon = files.find(({ fileName }) => /icon-[^/]*\.svg$/.test(fileName))
      if (!entry || !worker || !icon) this.error('the door page lacks its script, its worker or its icon')
      add(entry.fileName)
      needed.add(icon.fileName)
      const shell = [...needed].toSorted().map((name) => `/${name}`)
      worker.code = worker.code.replace(SHELL, shell.join(' '))
      const icons = [{ src: `/${icon.fileName}`, sizes: 'any', type: 'image/svg+xml', purpose: 'any' }]
      this.emitFile({
        type: 'asset',
        fileName: 'door/manifest.webmanifest',
        source: JSON.stringify({ ...MANIFEST, icons }),
      })
    },
  }
}
