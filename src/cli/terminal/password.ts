import { Writable } from 'node:stream'
import { createInterface } from 'node:readline/promises'
import { generatePassword, PASSWORD_LENGTH } from '../../accounts/passwords.js'
import { CliError, EXIT, usage } from './exit.js'

export interface NewPassword {
  text: string
  /** True: it must be shown now, it is not known otherwise. */
  generated: boolean
}

/** Prompts for the password twice without echo; generates one without a terminal or on empty input. */
export async function newPassword(): Promise<NewPassword> {
  if (!process.stdin.isTTY || !process.stderr.isTTY) return { text: generatePassword(), generated: true }
  const text = await promptHidden('Password (empty to generate one): ')
  if (text === '') return { text: generatePassword(), generated: true }
  const { min, max } = PASSWORD_LENGTH
  if (text.length < min || text.length > max)
    throw usage(`A password must have ${min} to ${max} characters`, 'Try again')
  if ((await promptHidden('Repeat the password: ')) !== text) throw usage('The passwords do not match', 'Try again')
  return { text, generated: false }
}

/** Prompts for a line without echo. Throws CliError when it is cancelled. */
export async function promptHidden(question: string): Promise<string> {
  const noEcho = new Writable({ write: (_chunk, _encoding, done) => done() })
  const lines = createInterface({ input: process.stdin, output: noEcho, terminal: true })
  process.stderr.write(question)
  const cancelled = new AbortController()
  lines.once('SIGINT', () => cancelled.abort())
  try {
    return await lines.question('', { signal: cancelled.signal })
  } catch {
    throw new CliError('CANCELLED', EXIT.failed, 'Nothing was entered', 'Nothing was changed')
  } finally {
    lines.close()
    process.stderr.write('\n')
  }
}
