import { spawnSync } from 'node:child_process'
import { findBrowser } from '../support/browser.js'

/** Builds the page (and nothing when it is current); says so when there is no browser to try it with. */
export default function setup(): void {
  if (!findBrowser()) {
    console.error('[browser] No Chromium on this machine: the browser tests are skipped. CHROMIUM=<path> names one.')
    return
  }
  const { status } = spawnSync(process.execPath, ['tools/build.mjs'], { stdio: ['ignore', 2, 2] })
  if (status !== 0) throw new Error('the page could not be built')
}
