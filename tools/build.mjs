// Compiles src, packages and simulators to dist and the page to web/dist; skips what is unchanged. `npm run build`, and before every start.
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { checkNode, ensure, packages, prismaClient, ROOT, run, stamped } from './support/ensure.mjs'

const SETTINGS = ['package-lock.json', 'tsconfig.json', 'tsconfig.build.json', '.swcrc', 'nest-cli.json']
const program = (path, args, what, env) => run(process.execPath, [join(ROOT, 'node_modules', path), ...args], what, env)

/** Compiles a folder to one of the same name in dist. */
const compile = (folder) =>
  program('@swc/cli/bin/swc.js', [folder, '-d', `dist/${folder}`, '--strip-leading-paths', '--quiet'], 'swc')

// Empties dist including the stamps of the others.
const service = stamped('Building the service', ['src', ...SETTINGS], 'dist/.made-of', () =>
  program('@nestjs/cli/bin/nest.js', ['build'], 'nest build'),
)
const embeddedServices = stamped(
  'Building the embedded services',
  ['packages', ...SETTINGS],
  'dist/packages/.made-of',
  () => compile('packages'),
)
const simulators = stamped('Building the simulators', ['simulators', ...SETTINGS], 'dist/simulators/.made-of', () =>
  compile('simulators'),
)
const page = stamped(
  'Building the dashboard',
  [
    ...['src', 'index.html', 'door.html', 'vite.config.ts', 'door-shell.ts', 'tsconfig.json'].map(
      (name) => `web/${name}`,
    ),
    'src/domain/people/name-key.ts',
    'RUNBOOK.md',
    'package-lock.json',
  ],
  'web/dist/.made-of',
  () => {
    const args = ['build', '--config', 'web/vite.config.ts', '--logLevel', 'warn']
    // Independent of this process's NODE_ENV: otherwise React would be built in development mode.
    program('vite/bin/vite.js', args, 'vite build', { NODE_ENV: 'production' })
  },
)

/** Everything that `dist/main.js` and `dist/cli.js` need, without the page. */
export const buildService = () => ensure([packages, prismaClient, service, embeddedServices, simulators])

/** Everything, the page included. */
export const build = () => ensure([packages, prismaClient, service, embeddedServices, simulators, page])

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  checkNode()
  await build()
}
