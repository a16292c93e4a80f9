import { register } from 'node:module'
import { MUTATIONS } from '../../../simulation/mutations/catalogue.js'
import { mutatedSource, urlOf } from '../../../simulation/mutations/mutation.js'
import type { Play } from './play.js'

/** Performs the plays that it is sent, one after another; an argument names a fault that is planted in the service. */
const [, , name] = process.argv
if (name !== undefined) {
  const mutation = MUTATIONS.find((one) => one.name === name)
  if (!mutation) throw new Error(`no mutation ${name}`)
  const data = {
    url: urlOf(mutation).href,
    source: await mutatedSource(mutation),
    loaded: new Int32Array(new SharedArrayBuffer(4)),
  }
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
process.send?.('ready')
