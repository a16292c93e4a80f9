import { plant } from '../../../simulation/mutations/plant.js'
import { FAULT } from './fault.js'
import type { Play } from './play.js'

/** Performs the plays that it is sent, one after another; with the argument `--unsafe` on a service with the planted fault. */
const assertPlanted = process.argv.includes('--unsafe') ? await plant(FAULT) : null
const { perform } = await import('./play.js')
assertPlanted?.()

process.on('message', (play: Play) => {
  perform(play).then(
    (played) => process.send?.(played),
    (error: unknown) => {
      console.error(`${play.family}:${play.seed} ${play.policy}:`, error)
      process.exit(1)
    },
  )
})
