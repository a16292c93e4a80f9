import { register } from 'node:module'
import { mutatedSources } from '../../../simulation/mutations/mutation.js'
import { FAULT } from './fault.js'
import type { Play } from './play.js'

/** Performs the plays that it is sent, one after another; with the argument `--unsafe` on a service with the planted fault. */
if (process.argv.includes('--unsafe')) {
  const loaded = new Int32Array(new SharedArrayBuffer(4))
  const data = { sources: await mutatedSources(FAULT), loaded }
  register('../../../tools/mutation-loader.mjs', { parentURL: import.meta.url, data })
}
// Only what is imported from now on is mutated.
const { perform } = await import('./play.js')

process.on('message', (play: Play) => {
  perform(play).then(
    (played) => process.send?.(played),
    (error: unknown) => {
      console.error(`${play.family}:${play.seed} ${play.policy}:`, error)
      process.exit(1)
    },
  )
})
