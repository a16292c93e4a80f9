// `npm start`: installs and builds what is missing, then runs the service in this process.
import { checkNode, ROOT } from './support/ensure.mjs'

checkNode()
const { build } = await import('./build.mjs')
await build()
process.chdir(ROOT)
process.setSourceMapsEnabled(true)
await import('../dist/main.js')
