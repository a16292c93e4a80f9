import { allGroups, type Entry, type EntryGroup } from './entries.js'

const INTRODUCTION = `# Configuration

<!-- Written by \`npm run config:docs\` from src/infrastructure/config; edit the variables there. -->

The service reads these environment variables once, at its start. All are optional unless noted; an empty one counts as not set. An invalid or
missing one stops the start with a line that has its name, the problem and an example, never the value. [\`.env.example\`](../.env.example)
lists them in a form that can be copied.
`

/** The text of docs/configuration.md: one table per group. */
export function configurationPage(): string {
  return [INTRODUCTION, ...allGroups().map(section)].join('\n')
}

function section({ title, note, variables }: EntryGroup): string {
  const table = ['| variable | default | description | example |', '| --- | --- | --- | --- |', ...variables.map(row)]
  return [`## ${title}`, '', ...(note ? [note, ''] : []), ...table, ''].join('\n')
}

function row({ name, default: fallback, description, example, isSecret }: Entry): string {
  const cells = [`\`${name}\`${isSecret ? ' (secret)' : ''}`, fallback, description, `\`${example}\``]
  return `| ${cells.map((cell) => cell.replaceAll('|', String.raw`\|`)).join(' | ')} |`
}
