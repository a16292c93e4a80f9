/**
 * The path of a request as it may be logged and answered: no query, at most 200 characters, and nothing behind
 * `/webhooks/<platform>`, where a secret may stand.
 */
export function publicPath(url: string): string {
  const path = url.split(/[?#]/, 1)[0]!.slice(0, 200)
  return path.replace(/^(\/+webhooks\/+[^/]*)\/.*$/i, '$1/[token]')
}
