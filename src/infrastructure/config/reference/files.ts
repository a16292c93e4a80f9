import { configurationPage } from './configuration-page.js'
import { envExample } from './env-example.js'

/** The generated files: path from the root of the repository, and content. */
export function referenceFiles(): [path: string, content: string][] {
  return [
    ['docs/configuration.md', configurationPage()],
    ['.env.example', envExample()],
  ]
}
