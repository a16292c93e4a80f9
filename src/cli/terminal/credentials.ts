import { text } from 'node:stream/consumers'
import type { CredentialForm } from '../../platforms/credentials.js'
import { usage } from './exit.js'
import { promptHidden } from './password.js'

/**
 * Credentials from standard input as one JSON object, or prompted for one by one without echo on a terminal. They are
 * never arguments: other processes can read those. Throws CliError for anything but a JSON object.
 */
export async function readCredentials(forms: readonly CredentialForm[]): Promise<object> {
  if (process.stdin.isTTY && process.stderr.isTTY) return promptFor(forms)
  const given = await text(process.stdin)
  try {
    const value: unknown = JSON.parse(given === '' ? '{}' : given)
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value
  } catch {
    // Falls through: the text must not be repeated.
  }
  throw usage('Credentials on standard input must be one JSON object', `Such as ${exampleOf(forms)}`)
}

/** The first field of the form that is filled in decides which form it is. */
async function promptFor(forms: readonly CredentialForm[]): Promise<object> {
  const given: Record<string, string> = {}
  for (const { required, optional = [] } of forms) {
    for (const name of [...required, ...optional]) {
      const value = await promptHidden(`${name}${isOptional(name, forms) ? ' (empty for none)' : ''}: `)
      if (value !== '') given[name] = value
      else if (name === required[0]) break
    }
    if (Object.keys(given).length > 0) return given
  }
  return given
}

function isOptional(name: string, forms: readonly CredentialForm[]): boolean {
  return forms.length > 1 || forms.some(({ optional = [] }) => optional.includes(name))
}

function exampleOf(forms: readonly CredentialForm[]): string {
  return forms
    .map(({ required }) => JSON.stringify(Object.fromEntries(required.map((name) => [name, '…']))))
    .join(' or ')
}
