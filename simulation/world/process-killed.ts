/** Every call that a killed process still makes rejects with it. */
export class ProcessKilled extends Error {
  override readonly name = 'ProcessKilled'

  constructor() {
    super('the process was killed')
  }
}
