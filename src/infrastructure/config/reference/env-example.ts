import { allGroups, type Entry, type EntryGroup } from './entries.js'

const INTRODUCTION = `# Every variable with an example, written by \`npm run config:docs\`. Explained in docs/configuration.md.
# Copy this file to .env and uncomment what you set. Docker Compose reads .env and passes on what docker-compose.yml
# lists; without Docker: set -a; . ./.env; set +a; npm start
`

/** The text of .env.example: commented assignments, which a shell and Docker Compose read the same; secrets have no value. */
export function envExample(): string {
  return [INTRODUCTION, ...allGroups().map(section)].join('\n')
}

function section({ title, note, variables }: EntryGroup): string {
  return [`# --- ${title} ---`, ...(note ? [comment(note)] : []), ...variables.flatMap(lines), ''].join('\n')
}

function lines({ name, default: fallback, description, example, isSecret }: Entry): string[] {
  const meaning = fallback === 'not set' ? description : `${description} Default: ${fallback}`
  return [comment(meaning), `# ${name}=${isSecret ? '' : quoted(example)}`]
}

const comment = (markdown: string) => `# ${markdown.replaceAll('`', '')}`

/** In single quotes where a shell would split or expand it. */
const quoted = (value: string) => (/^[\w.:/@,+-]+$/.test(value) ? value : `'${value}'`)
