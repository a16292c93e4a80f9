#!/usr/bin/env node
// `npm run ops -- <command>`: the ops CLI, built first if necessary. Build messages go to standard error.
import { checkNode, ROOT } from './support/ensure.mjs'

checkNode()
const { build } = await import('./build.mjs')
await build()
process.chdir(ROOT)
process.setSourceMapsEnabled(true)
await import('../dist/cli.js')
