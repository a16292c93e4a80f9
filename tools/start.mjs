// `npm start`: whatever is missing is installed and built, then this very process becomes the service.
import { checkNode, ROOT } from './ensure.mjs'

checkNode()
const { build } = await import('./build.mjs')
await build()
process.chdir(ROOT)
process.setSourceMapsEnabled(true)
await import('../dist/main.js')
