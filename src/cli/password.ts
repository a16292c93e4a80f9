import { Writable } from 'node:stream'
import { createInterface } from 'node:readline/promises'
import { generatePassword, PASSWORD_LENGTH } from '../accounts/passwords.js'
import { CliError, EXIT, usage } from './exit.js'

export interface NewPassword {
  text: string
  /** True: nobody knows it unless it is shown now. */
  generated: boolean
}

/** Asked for on a terminal, twice and without showing it; generated where there is none, or nothing is typed. */
export async function newPassword(): Promise<NewPassword> {
  if (!process.stdin.isTTY || !process.stderr.isTTY) return { text: generatePassword(), generated: true }
  const text = await ask('Password (empty: one is generated): ')
  if (text === '') return { text: generatePassword(), generated: true }
  const { min, max } = PASSWORD_LENGTH
  if (text.length < min || text.length > max) throw usage(`A password has ${min} to ${max} characters`, 'Try again')
  if ((await ask('The same again: ')) !== text) throw usage('The two are not the same', 'Try again')
  return { text, generated: false }
}

async function ask(question: string): Promise<string> {
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() })
  const lines = createInterface({ input: process.stdin, output: nowhere, terminal: true })
  process.stderr.write(question)
  const gaveUp = new AbortController()
  lines.once('SIGINT', () => gaveUp.abort())
  try {
    return await lines.question('', { signal: gaveUp.signal })
  } catch {
    throw new CliError('CANCELLED', EXIT.failed, 'No password was given', 'Nothing was changed')
  } finally {
    lines.close()
    process.stderr.write('\n')
  }
}
