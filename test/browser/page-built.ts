import { spawnSync } from 'node:child_process'
import { findBrowser } from '../support/browser/browser.js'

const SKIPPED =
  '[browser] No Chromium on this machine: every browser test is SKIPPED. Install one (Debian: apt-get install chromium) ' +
  'or name one (CHROMIUM=/path/to/chromium).'

/** Builds the page unless it is current; reports when there is no browser to test it with. */
export default function setup(): (() => void) | undefined {
  if (!findBrowser()) {
    const report = () => console.error(SKIPPED)
    report()
    // Reported again at the end of the output, where it is read.
    return report
  }
  const { status } = spawnSync(process.execPath, ['tools/build.mjs'], { stdio: ['ignore', 2, 2] })
  if (status !== 0) throw new Error('the page could not be built')
  return undefined
}
