import { spawnSync } from 'node:child_process'
import { findBrowser } from '../support/browser.js'

const SKIPPED =
  '[browser] No Chromium on this machine: every browser test is SKIPPED. Install one (Debian: apt-get install chromium) ' +
  'or name one (CHROMIUM=/path/to/chromium).'

/** Builds the page (and nothing when it is current); says so when there is no browser to try it with. */
export default function setup(): (() => void) | undefined {
  if (!findBrowser()) {
    const say = () => console.error(SKIPPED)
    say()
    // Once more where one looks for it: at the end.
    return say
  }
  const { status } = spawnSync(process.execPath, ['tools/build.mjs'], { stdio: ['ignore', 2, 2] })
  if (status !== 0) throw new Error('the page could not be built')
  return undefined
}
