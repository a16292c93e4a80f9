#!/usr/bin/env node
// Keeps words out that docs/glossary.md has retired: `npm run words`, or `node tools/check/words.mjs <path>...` for some files.
// Identifiers are split into words (`oldName`, `OLD_NAME`); lower snake_case is left alone: columns, metrics, fields of platforms.
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const TEXT = /\.(ts|tsx|mjs|cjs|css|html|md|lua|prisma|yml|json|sh)$|^\.ci\//
const SKIPPED =
  /^docs\/glossary\.md$|^CHANGELOG\.md$|^prisma\/migrations\/|^test\/support\/fixtures\/.+\.json$|^web\/src\/api\/schema\.d\.ts$|^package(-lock)?\.json$/
// Words of others that are quoted: a field or a message of a platform, a library or the operating system.
const QUOTED = /\bwords-ok: .+/

/** Retired words or phrases in lower case, each with what to use instead, from the glossary's second table. */
function retiredWords() {
  const glossary = readFileSync(`${ROOT}/docs/glossary.md`, 'utf8')
  const rows = glossary.split('## Retired words')[1]?.matchAll(/^\| (?!word|---)([^|]+) \| ([^|]+) \|$/gm) ?? []
  const retired = new Map()
  for (const [, words, instead] of rows)
    for (const word of words.split(',')) retired.set(word.trim().toLowerCase(), instead.trim())
  if (retired.size < 30) throw new Error('docs/glossary.md lists hardly any retired words: is its table intact?')
  return retired
}

/** Paths in the glossary's first table that do not exist. */
function missingPaths() {
  const [terms = ''] = readFileSync(`${ROOT}/docs/glossary.md`, 'utf8').split('## Retired words')
  const paths = [...terms.matchAll(/^\|[^|]+\|[^|]+\| `([^`]+)` \|/gm)].map(([, path]) => path)
  if (paths.length < 40) throw new Error('docs/glossary.md lists hardly any terms: is its table intact?')
  return paths.filter((path) => !existsSync(`${ROOT}/${path}`) && !existsSync(`${ROOT}/src/${path}`))
}

/** The line in lower case as single words with one space between them. */
function wordsOf(line) {
  return line
    .replace(/@map\("[^"]*"\)/g, ' ')
    .replace(/\b[a-z0-9]+(_[a-z0-9]+)+\b/g, ' ')
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replace(/([A-Z])([A-Z][a-z])/g, '$1 $2')
    .toLowerCase()
    .replace(/[^a-z]+/g, ' ')
    .trim()
}

function* findings(text, retired, longest) {
  for (const [index, line] of text.split('\n').entries()) {
    if (QUOTED.test(line)) continue
    const words = wordsOf(line).split(' ')
    for (let at = 0; at < words.length; at++)
      for (let length = 1; at + length <= words.length && length <= longest; length++) {
        const phrase = words.slice(at, at + length).join(' ')
        if (retired.has(phrase)) yield { line: index + 1, phrase, instead: retired.get(phrase) }
      }
  }
}

const retired = retiredWords()
const longest = Math.max(...[...retired.keys()].map((phrase) => phrase.split(' ').length))
const planted = [...findings('const firstWish = 1 // looks\nMOST_TOLD\nadopted_wish @map("trouble")', retired, longest)] // words-ok: planted
if (planted.length !== 3) throw new Error(`3 words are planted, found: ${JSON.stringify(planted)}`)

const listed = execFileSync(
  'git',
  ['ls-files', '--cached', '--others', '--exclude-standard', ...process.argv.slice(2)],
  { cwd: ROOT },
)
const files = String(listed)
  .split('\n')
  .filter((file) => TEXT.test(file) && !SKIPPED.test(file))
let count = 0
for (const path of missingPaths()) {
  console.error(`docs/glossary.md names ${path}, which does not exist`)
  count++
}
for (const file of files) {
  let text
  try {
    text = readFileSync(`${ROOT}/${file}`, 'utf8')
  } catch (error) {
    if (error.code === 'ENOENT') continue // removed, not committed yet
    throw error
  }
  for (const { line, phrase, instead } of findings(`${file}\n${text}`, retired, longest)) {
    console.error(`${file}:${Math.max(1, line - 1)} "${phrase}" -> ${instead}`)
    count++
  }
}
console.log(`${files.length} files, ${count} findings; ${retired.size} retired words are checked`)
process.exitCode = count > 0 ? 1 : 0
